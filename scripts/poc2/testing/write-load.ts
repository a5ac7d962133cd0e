// Writes to a database of POC-2 at a rate: payments that are made and end, tokens that turn, sign-ups.
//   node scripts/poc2/testing/write-load.ts URL [WRITES_PER_SECOND] [SECONDS]
import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { Pool } from 'pg';

const [url, rate = '500', seconds = '30'] = process.argv.slice(2);
const pool = new Pool({ connectionString: url, max: 4 });
const { rows } = await pool.query<{ id: string }>('select id from users order by id limit 1000');
const ids = rows.map(({ id }) => id);

const made: string[] = [];
const at = "now() at time zone 'utc'";
/** Each is one write in a transaction of its own. */
const WRITES: readonly ((number: number) => Promise<unknown>)[] = [
  (number) => {
    const id = randomUUID();
    made.push(id);
    return pool.query(
      `insert into payments (id, sender_id, recipient_id, amount, status, type, created_at, updated_at)
       values ($1, $2, $3, 12.34, 'pending', 'instant', ${at}, ${at})`,
      [id, ids[number % ids.length], ids[(number + 1) % ids.length]],
    );
  },
  () =>
    pool.query(
      `insert into payment_transactions (id, payment_id, status, created_at)
       select $1, id, 'pending', ${at} from payments where id = $2`,
      [randomUUID(), made.at(-1)],
    ),
  () =>
    pool.query(
      `update payments set status = 'completed', completed_at = ${at}, updated_at = ${at} where id = $1`,
      [made.shift()],
    ),
  (number) =>
    pool.query(
      `insert into audit_logs (id, user_id, action, created_at) values ($1, $2, 'PAYMENT_CREATED', ${at})`,
      [randomUUID(), ids[number % ids.length]],
    ),
  (number) =>
    pool.query('update refresh_tokens set token = $1 where user_id = $2', [
      randomUUID(),
      ids[number % ids.length],
    ]),
  (number) =>
    number % 10 === 0
      ? pool.query(
          `insert into users
           values ($1, $1 || '@example.org', 'none', 'New user', 'CUSTOMER', true, ${at}, ${at})`,
          [randomUUID()],
        )
      : pool.query(`update users set updated_at = ${at} where id = $1`, [ids[number % ids.length]]),
];

const startedMs = performance.now();
let written = 0;
while (performance.now() < startedMs + Number(seconds) * 1_000) {
  const due = Math.floor(((performance.now() - startedMs) / 1_000) * Number(rate));
  const batch: Promise<unknown>[] = [];
  for (; written < due; written += 1) {
    const write = WRITES[written % WRITES.length];
    if (write) batch.push(write(written));
  }
  await Promise.all(batch);
  await sleep(20);
}
console.log(`${written} writes in ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`);
await pool.end();
