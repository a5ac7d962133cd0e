import { NO_OPTIONS } from '../mapping/mappings.ts';
import type { AuditLogSource } from '../mapping/audit-logs.ts';
import type { PaymentSource } from '../mapping/payments.ts';
import type { RefreshTokenSource } from '../mapping/refresh-tokens.ts';
import type { SystemConfigSource } from '../mapping/system-config.ts';
import type { Mapped, MappingContext, MappingOptions, TargetRow } from '../mapping/table-mapping.ts';
import type { UserProfileSource } from '../mapping/user-profiles.ts';
import type { UserSource } from '../mapping/users.ts';

export const NOW_MS = Date.UTC(2026, 10, 30);

/** A context with some options. */
export const given = (options: Partial<MappingOptions> = {}, equalEmails: string[] = []): MappingContext => ({
  options: { ...NO_OPTIONS, ...options },
  nowMs: NOW_MS,
  latestMs: NOW_MS,
  equalEmails: new Set(equalEmails),
  sharedIntents: new Set(['pi_shared']),
});

const MADE = '2026-03-01T10:00:00.123Z';

const joined = <P extends string>(prefix: P, number: number) =>
  ({
    [`${prefix}_id`]: `00000000-0000-4000-a000-00000000000${number}`,
    [`${prefix}_email`]: `Person${number}@Example.com`,
    [`${prefix}_role`]: 'CUSTOMER',
    [`${prefix}_created_at`]: MADE,
  }) as Record<`${P}_id` | `${P}_email` | `${P}_role` | `${P}_created_at`, string | null>;

export const nobody = <P extends string>(prefix: P) =>
  ({
    [`${prefix}_id`]: null,
    [`${prefix}_email`]: null,
    [`${prefix}_role`]: null,
    [`${prefix}_created_at`]: null,
  }) as Record<`${P}_id` | `${P}_email` | `${P}_role` | `${P}_created_at`, string | null>;

export const aUser = (over: Partial<UserSource> = {}): UserSource => ({
  id: '00000000-0000-4000-a000-000000000001',
  email: 'Person1@Example.com',
  name: 'Ada Person',
  role: 'CUSTOMER',
  password_hash: `$2b$10$${'a'.repeat(53)}`,
  created_at: MADE,
  updated_at: '2026-03-02T10:00:00.000Z',
  ...over,
});

/** Statuses and times as the column `transactions` has them. */
export const transactionsText = (...all: (readonly [status: string, at: string])[]): string =>
  all.map(([status, at]) => `${at} ${status}`).join('|');

export const aPayment = (over: Partial<PaymentSource> = {}): PaymentSource => ({
  id: '00000000-0000-4000-b000-000000000001',
  amount: '100.10',
  currency: 'USD',
  status: 'completed',
  type: 'instant',
  description: 'Invoice 7',
  metadata: null,
  psp_transaction_id: null,
  psp_ids: null,
  failure_reason: null,
  completed_at: '2026-04-01T08:00:03.000Z',
  created_at: '2026-04-01T08:00:00.000Z',
  updated_at: '2026-04-01T08:00:03.000Z',
  transactions: transactionsText(
    ['pending', '2026-04-01T08:00:00.000Z'],
    ['processing', '2026-04-01T08:00:01.000Z'],
    ['completed', '2026-04-01T08:00:02.000Z'],
  ),
  ...joined('sender', 1),
  ...joined('recipient', 2),
  ...over,
});

export const aToken = (over: Partial<RefreshTokenSource> = {}): RefreshTokenSource => ({
  id: '00000000-0000-4000-c000-000000000001',
  hash: 'ab'.repeat(32),
  length: '64',
  expires_at: '2026-12-05T00:00:00.000Z',
  created_at: '2026-11-28T00:00:00.000Z',
  ...joined('user', 1),
  ...over,
});

export const anEntry = (over: Partial<AuditLogSource> = {}): AuditLogSource => ({
  id: '00000000-0000-4000-d000-000000000001',
  action: 'PAYMENT_CREATED',
  resource_type: 'payment',
  resource_id: '00000000-0000-4000-b000-000000000001',
  details: null,
  ip_address: '192.0.2.7',
  user_agent: 'curl/8.5.0',
  created_at: '2026-04-01T08:00:00.000Z',
  ...joined('actor', 1),
  actor_name: 'Ada Person',
  ...nobody('person'),
  person_name: null,
  payment_created_at: '2026-04-01T08:00:00.000Z',
  ...joined('payer', 1),
  ...joined('payee', 2),
  payee_name: 'Bob Person',
  ...over,
});

export const aConfig = (over: Partial<SystemConfigSource> = {}): SystemConfigSource => ({
  id: 'maintenance_mode',
  value: 'true',
  description: 'No payments while true',
  updated_at: MADE,
  ...joined('changer', 1),
  changer_name: 'Ada Person',
  ...over,
});

export const aProfile = (over: Partial<UserProfileSource> = {}): UserProfileSource => ({
  id: '00000000-0000-4000-e000-000000000001',
  avatar_url: null,
  phone: '+49 30 123456',
  address: null,
  bio: null,
  preferences: null,
  created_at: MADE,
  updated_at: '2026-03-02T10:00:00.000Z',
  ...joined('user', 1),
  ...over,
});

/** The values of the rows of one table. */
export const rowsIn = ({ rows }: Mapped, table: string): TargetRow['values'][] =>
  rows.filter((row) => row.table === table).map(({ values }) => values);

/** Kinds of irregularities with their outcome: `open refused`. */
export const kindsOf = ({ irregularities }: Mapped): string[] =>
  irregularities.map(({ kind, outcome }) => `${kind} ${outcome}`);
