import { spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Client } from 'pg';
import type { Server } from './contest.ts';
import { fill } from './fill.ts';
import { read, root, type Api, type Copy, type Person } from './payloom.ts';

const CONTENDER_DATABASE = 'bench_contender';
/** What Payloom's payments service has; where it runs twice the two share so many. */
export const POOL_SIZE = 10;

/** Payments that are there before anything is measured. */
const PAYMENTS = 2_000;

/** A running Payloom whose PostgreSQL the contender uses as well. */
export type Measured = Api & Pick<Copy, 'asOwner' | 'urlOf'>;
export type Contender = Server & { stop(): void };

const migrationsOf = (folder: string): string[] =>
  readdirSync(join(root, folder))
    .filter((file) => file.endsWith('.sql'))
    .sort()
    .map((file) => readFileSync(join(root, folder, file), 'utf8'));

/** Gives a payments database what both sides start with: who pays, and what has been paid. */
export const fillPayments = async (client: Client, user: Person): Promise<void> => {
  await client.query(
    `insert into parties (id, email, name, role, status, version)
     values ($1, $2, 'Bench Customer', 'CUSTOMER', 'active', 1) on conflict do nothing`,
    [user.id, user.email],
  );
  await fill(client, { userId: user.id, payments: PAYMENTS, rareWord: 'Zanzibar' });
};

/** A database beside Payloom's on the same server, made by the same migrations, with the same rows in it. */
const makeDatabase = async (payloom: Measured, user: Person): Promise<void> => {
  await payloom.asOwner(async (client) => {
    await client.query(`create database ${CONTENDER_DATABASE}`);
  }, 'postgres');
  await payloom.asOwner(async (client) => {
    await client.query('create extension pg_trgm');
    const files = [
      ...migrationsOf('broker/postgres/migrations'),
      ...migrationsOf('services/payments/migrations'),
    ];
    for (const sql of files) await client.query(sql);
    await fillPayments(client, user);
  }, CONTENDER_DATABASE);
};

/** Starts one contender, `contender.ts` or `contender-bare.ts`, on a database of its own beside Payloom's. */
export const startContender = async (
  payloom: Measured,
  user: Person,
  given: { file: string; port: number },
): Promise<Contender> => {
  const { file, port } = given;
  await makeDatabase(payloom, user);
  const jwks = await read<unknown>(payloom, '/api/auth/jwks', null);
  const databaseUrl = payloom.urlOf(CONTENDER_DATABASE);
  const settings = { port, databaseUrl, poolSize: POOL_SIZE, issuer: payloom.url, jwks };
  const script = join(import.meta.dirname, file);
  const child = spawn(process.execPath, [script, JSON.stringify(settings)], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { PATH: process.env.PATH, NODE_ENV: 'production' },
  });
  // Whatever ends us ends it as well.
  const stop = () => void child.kill();
  process.once('exit', stop);
  await new Promise<void>((resolve, reject) => {
    child.stdout.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`the contender ended with ${code}`)));
  });
  return { ports: [port], processes: { contender: child.pid ?? 0 }, stop };
};
