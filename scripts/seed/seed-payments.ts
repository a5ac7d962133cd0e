import type { Database } from '../../broker/postgres/database.ts';
import { clearTotals } from '../../services/payments/persistence/report-totals.ts';
import { everyTwoSeconds } from '../backup/progress.ts';
import { beginBulkLoad, inBatches, type BulkLoad, type TableRows } from './bulk-load.ts';
import { seededPayments, type SeededPayment } from './payments.ts';
import type { SeededPerson } from './people.ts';
import { auditRows, paymentRows, processorRows } from './rows.ts';
import { clientOf, type Clients } from './seed-users.ts';

type Seeding = {
  people: readonly SeededPerson[];
  count: number;
  seed: number;
  nowMs: number;
  audit: boolean;
  /** The database of payments. */
  db: Database;
  say(line: string): void;
};

type Part = {
  service: string;
  tables: readonly string[];
  rowsOf(payments: readonly SeededPayment[]): TableRows[];
};

const PAYMENTS: Part = {
  service: 'payments',
  tables: ['payments', 'payment_history', 'postings', 'processor_operations'],
  rowsOf: paymentRows,
};
const PROCESSOR: Part = {
  service: 'processor-sandbox',
  tables: ['payment_intents', 'charges'],
  rowsOf: processorRows,
};
const AUDIT: Part = { service: 'admin', tables: ['entries', 'entry_people', 'unsealed'], rowsOf: auditRows };

const seconds = (sinceMs: number): number => (performance.now() - sinceMs) / 1_000;

type Open = Part & { load: BulkLoad };

const write = async (open: readonly Open[], { people, count, seed, nowMs, say }: Seeding): Promise<void> => {
  const startedMs = performance.now();
  const progress = everyTwoSeconds(say);
  let done = 0;
  let writing: Promise<unknown> = Promise.resolve();
  for (const batch of inBatches(seededPayments(people, count, seed, nowMs))) {
    const parts = open.map(({ load, rowsOf }) => ({ load, rows: rowsOf(batch) }));
    // The servers store one batch while the next one is made.
    await writing;
    writing = Promise.all(
      parts.map(async ({ load, rows }) => {
        for (const table of rows) await load.add(table);
      }),
    );
    writing.catch(() => undefined);
    done += batch.length;
    const rate = done / seconds(startedMs);
    const leftS = Math.round((count - done) / rate);
    progress(`${done} of ${count} payments, ${Math.round(rate)}/s, about ${leftS} s left before the indexes`);
  }
  await writing;
  say(`${count} payments written in ${seconds(startedMs).toFixed(1)} s; the indexes follow`);
};

/** Adds payments to all databases that know of them; a process that dies before the end leaves none. */
export const seedPayments = async (clients: Clients, seeding: Seeding): Promise<void> => {
  const startedMs = performance.now();
  const parts = [PAYMENTS, PROCESSOR, AUDIT].filter(
    ({ service }) =>
      service === 'payments' || (clients.has(service) && (service !== 'admin' || seeding.audit)),
  );
  const open: Open[] = [];
  try {
    for (const part of parts)
      open.push({ ...part, load: await beginBulkLoad(clientOf(clients, part.service), part.tables) });
    await write(open, seeding);
    await Promise.all(
      open.map(async ({ service, load }) => {
        await load.restore();
        seeding.say(`${service}: all is back in place after ${seconds(startedMs).toFixed(1)} s`);
      }),
    );
    for (const { load } of open) await load.commit();
    // In a transaction of its own: the job that adds payments to the totals locks in another order.
    await clearTotals(seeding.db);
    for (const { load } of open) await load.vacuum();
  } catch (error) {
    for (const { load } of open) await load.rollback();
    throw error;
  }
  const tookS = seconds(startedMs);
  seeding.say(
    `${seeding.count} payments in ${tookS.toFixed(1)} s, ${Math.round(seeding.count / tookS)} a second`,
  );
};
