import type { Client } from 'pg';
import { everyTwoSeconds, type Say } from '../../backup/progress.ts';
import { BATCH, copyRows, inBatches, type TableRows } from '../../seed/bulk-load.ts';
import { seededRandom } from '../../seed/random.ts';
import { configRows, paymentAuditRows, profileRows, tokenRows, userAuditRows } from './others.ts';
import { paymentRows, samplePayments } from './payments.ts';
import { samplePeople, userRows } from './people.ts';
import { CONSTRAINTS, TABLES } from './schema.ts';

export type Sampling = { users: number; payments: number; seed: number; nowMs: number; say: Say };

/** In several texts: one of all rows would be large. */
const copyInBatches = async (client: Client, { table, columns, rows }: TableRows): Promise<void> => {
  for (let start = 0; start < rows.length; start += BATCH)
    await copyRows(client, { table, columns, rows: rows.slice(start, start + BATCH) });
};

/** Makes POC-2's tables in an empty database and fills them, in one transaction but for the indexes. */
export const fillSample = async (client: Client, sampling: Sampling): Promise<void> => {
  const { users, payments, seed, nowMs, say } = sampling;
  const startedMs = performance.now();
  const seconds = (): number => (performance.now() - startedMs) / 1_000;
  const random = seededRandom(seed ^ 0x5a5a);
  const progress = everyTwoSeconds(say);
  await client.query('begin');
  await client.query(TABLES);
  const people = samplePeople(users, seed, nowMs);
  await copyInBatches(client, userRows(people));
  await copyInBatches(client, tokenRows(people, random, nowMs));
  await copyInBatches(client, profileRows(people, random, nowMs));
  await copyInBatches(client, userAuditRows(people, random));
  await copyRows(client, configRows(people, nowMs));
  say(`${users} users with tokens, profiles and audit logs in ${seconds().toFixed(1)} s`);
  let done = 0;
  const begunS = seconds();
  for (const batch of inBatches(samplePayments(people, payments, seed, nowMs))) {
    for (const rows of paymentRows(batch, random)) await copyRows(client, rows);
    await copyRows(client, paymentAuditRows(batch, random));
    done += batch.length;
    const rate = done / (seconds() - begunS);
    const leftS = Math.round((payments - done) / rate);
    progress(
      `${done} of ${payments} payments, ${Math.round(rate)}/s, about ${leftS} s left before the indexes`,
    );
  }
  await client.query('commit');
  say(`${payments} payments written after ${seconds().toFixed(1)} s; the indexes follow`);
  for (const statement of CONSTRAINTS) await client.query(statement);
  say(`All is in place after ${seconds().toFixed(1)} s`);
};
