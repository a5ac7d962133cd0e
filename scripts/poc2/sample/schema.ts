/** POC-2's tables, without what slows down filling them. */
export const TABLES = `
  create type "UserRole" as enum ('ADMIN', 'CUSTOMER', 'VENDOR');
  create type "PaymentStatus" as enum ('pending', 'processing', 'completed', 'failed', 'cancelled');
  create type "PaymentType" as enum ('instant', 'scheduled', 'recurring');
  create table users (
    id text not null, email text not null, password_hash text not null, name text not null,
    role "UserRole" not null, email_verified boolean not null default false,
    created_at timestamp(3) not null default current_timestamp, updated_at timestamp(3) not null
  );
  create table refresh_tokens (
    id text not null, user_id text not null, token text not null, expires_at timestamp(3) not null,
    created_at timestamp(3) not null default current_timestamp
  );
  create table payments (
    id text not null, sender_id text not null, recipient_id text, amount numeric(10, 2) not null,
    currency text not null default 'USD', status "PaymentStatus" not null, type "PaymentType" not null,
    description text, metadata jsonb, psp_transaction_id text, psp_status text, failure_reason text,
    completed_at timestamp(3), created_at timestamp(3) not null default current_timestamp,
    updated_at timestamp(3) not null
  );
  create table payment_transactions (
    id text not null, payment_id text not null, status "PaymentStatus" not null, status_message text,
    psp_transaction_id text, metadata jsonb, created_at timestamp(3) not null default current_timestamp
  );
  create table audit_logs (
    id text not null, user_id text, action text not null, resource_type text, resource_id text,
    details jsonb, ip_address text, user_agent text,
    created_at timestamp(3) not null default current_timestamp
  );
  create table system_config (
    key text not null, value jsonb not null, description text, updated_at timestamp(3) not null,
    updated_by text
  );
  create table user_profiles (
    id text not null, user_id text not null, avatar_url text, phone text, address text, bio text,
    preferences jsonb, created_at timestamp(3) not null default current_timestamp,
    updated_at timestamp(3) not null
  );`;

/** Keys, references and indexes, one statement each. */
export const CONSTRAINTS: readonly string[] = [
  ...['users', 'refresh_tokens', 'payments', 'payment_transactions', 'audit_logs', 'user_profiles'].map(
    (table) => `alter table ${table} add primary key (id)`,
  ),
  'alter table system_config add primary key (key)',
  'create unique index users_email_key on users (email)',
  'create unique index refresh_tokens_token_key on refresh_tokens (token)',
  'create unique index user_profiles_user_id_key on user_profiles (user_id)',
  'create index payments_sender_id_idx on payments (sender_id)',
  'create index payments_recipient_id_idx on payments (recipient_id)',
  'create index payment_transactions_payment_id_idx on payment_transactions (payment_id)',
  'create index audit_logs_user_id_idx on audit_logs (user_id)',
  'alter table refresh_tokens add foreign key (user_id) references users on delete cascade',
  'alter table user_profiles add foreign key (user_id) references users on delete cascade',
  'alter table payments add foreign key (sender_id) references users on delete restrict',
  'alter table payments add foreign key (recipient_id) references users on delete set null',
  'alter table payment_transactions add foreign key (payment_id) references payments on delete cascade',
  'alter table audit_logs add foreign key (user_id) references users on delete set null',
  'vacuum (analyze)',
];
