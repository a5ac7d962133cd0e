import { randomBytes, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Client } from 'pg';
import { targetOf, type Target } from '../copy/targets.ts';

/** What POC-2 has acknowledged to its clients: users and payments, with what they hold. */
export type Acknowledged = {
  users: Map<string, { email: string }>;
  payments: Map<string, { amount: string; status: string }>;
  /** Writes that were refused, by their messages. */
  refused: Map<string, number>;
};

const HASH = `$2b$10$${'a'.repeat(53)}`;

/** What POC-2's services write, each in a transaction of its own. */
const writesOf = (client: Client, acknowledged: Acknowledged) => {
  const people: string[] = [];
  const register = async (): Promise<void> => {
    const [id, email] = [randomUUID(), `new-${randomBytes(6).toString('hex')}@example.com`];
    await client.query(
      `insert into users (id, email, password_hash, name, role, created_at, updated_at)
       values ($1, $2, $3, 'New Person', 'CUSTOMER', now() - interval '1 s', now() - interval '1 s')`,
      [id, email, HASH],
    );
    acknowledged.users.set(id, { email });
    people.push(id);
  };
  const pay = async (number: number): Promise<void> => {
    const [id, amount] = [randomUUID(), `${1 + (number % 90)}.50`];
    const [payer, payee] = [people[number % people.length], people[(number + 1) % people.length]];
    await client.query('begin');
    await client.query(
      `insert into payments (id, sender_id, recipient_id, amount, status, type, created_at, updated_at)
       values ($1, $2, $3, $4, 'pending', 'instant', now() - interval '1 s', now() - interval '1 s')`,
      [id, payer, payee, amount],
    );
    await client.query(
      `insert into payment_transactions (id, payment_id, status, created_at)
       values ($1, $2, 'pending', now() - interval '1 s')`,
      [randomUUID(), id],
    );
    await client.query('commit');
    acknowledged.payments.set(id, { amount, status: 'pending' });
  };
  const complete = async (): Promise<void> => {
    const open = [...acknowledged.payments].find(([, { status }]) => status === 'pending');
    if (!open) return;
    const [id, payment] = open;
    await client.query(
      `update payments set status = 'completed', completed_at = now(), updated_at = now() where id = $1`,
      [id],
    );
    acknowledged.payments.set(id, { ...payment, status: 'completed' });
  };
  return { register, pay, complete };
};

/**
 * Writes to POC-2's database as its services do, until `stop`: registers users, who pay each other, and
 * completes payments.
 */
export const startWriting = async (url: string, perSecond: number) => {
  const client = new Client({ connectionString: url, application_name: 'poc2-payments' });
  await client.connect();
  const acknowledged: Acknowledged = { users: new Map(), payments: new Map(), refused: new Map() };
  let writes = 0;
  let lastMs = 0;

  const { register, pay, complete } = writesOf(client, acknowledged);
  await register();
  await register();
  let stopped = false;
  const loop = async (): Promise<void> => {
    for (; !stopped; writes += 1) {
      const write = [pay, complete, pay, register][writes % 4] as typeof pay;
      try {
        await write(writes);
        lastMs = performance.now();
      } catch (error) {
        await client.query('rollback');
        const { message } = error as Error;
        acknowledged.refused.set(message, (acknowledged.refused.get(message) ?? 0) + 1);
      }
      await sleep(1_000 / perSecond);
    }
  };
  const running = loop();
  return {
    acknowledged,
    /** When the last write was acknowledged, as `performance.now()`. */
    lastMs: () => lastMs,
    stop: async () => {
      stopped = true;
      await running;
      await client.end();
    },
  };
};

/** What POC-2 has acknowledged and Payloom does not have: e-mail addresses, and old ids of payments. */
export const lostIn = async (
  targets: readonly Target[],
  { users, payments }: Acknowledged,
): Promise<string[]> => {
  const { rows } = await targetOf(targets, 'payments').client.query<{
    old_id: string;
    amount: string;
    status: string;
  }>('select old_id, amount_minor::text as amount, status from poc2_ids join payments on id = new_id');
  const known = new Map(rows.map((row) => [row.old_id, row]));
  const people = await targetOf(targets, 'auth').client.query<{ email: string }>('select email from users');
  const emails = new Set(people.rows.map(({ email }) => email));
  return [
    ...[...users.values()].flatMap(({ email }) => (emails.has(email) ? [] : [email])),
    ...[...payments].flatMap(([id, { amount, status }]) => {
      const found = known.get(id);
      // Open ones were cancelled by the copy's option.
      const expected = status === 'completed' ? 'completed' : 'cancelled';
      return found?.amount === amount.replace('.', '') && found.status === expected ? [] : [id];
    }),
  ];
};
