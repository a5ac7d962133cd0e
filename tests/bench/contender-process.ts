import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { Client } from 'pg';
import { openDatabase } from '../../broker/postgres/database.ts';
import { migrate } from '../../broker/postgres/migrations.ts';
import { systemClock } from '../../broker/process/clock.ts';
import { createLogger } from '../../broker/process/logger.ts';
import type { Person } from '../system/accounts.ts';
import { clientOf } from '../system/client.ts';
import { root } from '../system/embedded-instance.ts';
import type { Server } from './contest.ts';
import { fill } from './fill.ts';
import type { Measured } from './instances.ts';

const CONTENDER_DATABASE = 'bench_contender';
/** The pool size of Payloom's payments service; two replicas share it. */
export const POOL_SIZE = 10;

/** The number of payments before the measurement. */
const PAYMENTS = 2_000;

type Contender = Server & { stop(): void };

const MIGRATIONS = new URL('../../services/payments/migrations/', import.meta.url);

/** Fills a payments database with the payer and the payments that both sides start with. */
export const fillPayments = async (client: Client, user: Pick<Person, 'id' | 'email'>): Promise<void> => {
  await client.query(
    `insert into parties (id, email, name, role, status, version)
     values ($1, $2, 'Bench Customer', 'CUSTOMER', 'active', 1) on conflict do nothing`,
    [user.id, user.email],
  );
  await fill(client, { userId: user.id, payments: PAYMENTS, rareWord: 'Zanzibar' });
};

/** Creates a database on Payloom's server, with the same migrations and the same rows. */
const makeDatabase = async (payloom: Measured, user: Person): Promise<void> => {
  await payloom.asOwner(async (client) => {
    await client.query(`create database ${CONTENDER_DATABASE}`);
  }, 'postgres');
  await payloom.asOwner(async (client) => {
    await client.query('create extension pg_trgm');
    const log = createLogger({ level: 'silent' });
    const db = openDatabase({ url: payloom.urlOf(CONTENDER_DATABASE), poolSize: 1, name: 'bench', log });
    await migrate(db, MIGRATIONS, systemClock, log);
    await db.close();
    await fillPayments(client, user);
  }, CONTENDER_DATABASE);
};

/** Starts a contender, `contender.ts` or `contender-bare.ts`, on a database of its own. */
export const startContender = async (
  payloom: Measured,
  user: Person,
  given: { file: string; port: number },
): Promise<Contender> => {
  const { file, port } = given;
  await makeDatabase(payloom, user);
  const { body: jwks } = await clientOf(payloom.urls).get('/api/auth/jwks');
  const databaseUrl = payloom.urlOf(CONTENDER_DATABASE);
  const settings = { port, databaseUrl, poolSize: POOL_SIZE, issuer: payloom.url, jwks };
  const script = join(import.meta.dirname, file);
  const child = spawn(process.execPath, [script, JSON.stringify(settings)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, NODE_ENV: 'production' },
  });
  // It must not outlive this process.
  const stop = () => void child.kill();
  process.once('exit', stop);
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`the contender ended with ${code}`)));
  });
  return { ports: [port], processes: { contender: child.pid ?? 0 }, stop };
};
