import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { Client } from 'pg';
import { Stripe } from 'stripe';
import { portOf } from '../../broker/process/data-folder.ts';
import { processEnv, type Env } from '../../broker/process/config.ts';
import { prepareEmbedded } from '../../broker/process/embedded.ts';
import { createLogger } from '../../broker/process/logger.ts';
import { findServices } from '../../broker/process/find-services.ts';
import { operatorEnv } from '../../scripts/stack/client.ts';
import {
  checkAcks,
  checkLedger,
  checkParties,
  checkReadable,
  checkStuck,
  countUnderWay,
  readAcks,
  type Violation,
} from './checks.ts';
import { checkCharges } from './processor-checks.ts';

const HELP = `npm run verify [-- --acks FILE] [--wait SECONDS] [--stack NAME]
Asks a running Payloom, from outside, whether a payment was lost, doubled, unbalanced or stuck,
and whether the processor holds what it should not, or lacks a charge. Rows that cannot be read are
reported, and the others are checked. Ends with 1 when it reports something, and with 2 when a check failed.
  --acks FILE     one line per answer that a client saw: key, payment id, status
  --wait SECONDS  how long payments under way may take to end (default 10)
  --stack NAME    asks this stack
PORT says which copy; PAYMENTS_DATABASE_URL, PROCESSOR_URL and STRIPE_SECRET_KEY point elsewhere.`;

const LAWS = {
  L: 'lost',
  D: 'doubled',
  Z: 'unbalanced',
  G: 'stuck',
  R: 'unsettled',
  U: 'unreadable',
} as const;

/** No violation: their charges are with POC-2's processor. */
const isMoved = ({ law }: Violation): boolean => law === 'M';
const SHOWN = 50;

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The databases and the processor of a stack or an instance. */
const findSystem = async (stack: string | undefined): Promise<Env> => {
  if (stack !== undefined) return operatorEnv(stack);
  const definitions = await findServices({ SERVICES: 'payments,processor-sandbox' });
  const env = processEnv();
  if (env['PAYMENTS_DATABASE_URL'] && env['PROCESSOR_URL'] && env['STRIPE_SECRET_KEY']) return env;
  if (!env['PAYMENTS_DATABASE_URL']) {
    const url = `http://127.0.0.1:${portOf(env)}/health/live`;
    const alive = await fetch(url).then(
      (answer) => answer.ok,
      () => false,
    );
    if (!alive) throw new Error(`nothing answers at ${url}: start Payloom first, or say PORT`);
  }
  return (await prepareEmbedded(definitions, env, createLogger({ level: 'silent' }))).env;
};

const openStripe = (url: URL, key: string): Stripe =>
  new Stripe(key, {
    host: url.hostname,
    port: url.port,
    protocol: url.protocol === 'http:' ? 'http' : 'https',
    telemetry: false,
  });

/** Also checks between services, if their databases are known. */
const checkServices = async (db: Client, env: Env, waitMs: number): Promise<Violation[]> => {
  const url = env['AUTH_DATABASE_URL'];
  if (!url) return [];
  const auth = new Client({ connectionString: url });
  await auth.connect();
  try {
    return await checkParties(auth, db, waitMs);
  } finally {
    await auth.end();
  }
};

/** Runs every check, also after one that fails, such as that of a processor that does not answer. */
const runAll = async (checks: Readonly<Record<string, () => Promise<Violation[]>>>): Promise<Outcome> => {
  const violations: Violation[] = [];
  const failures: string[] = [];
  for (const [name, check] of Object.entries(checks)) {
    try {
      violations.push(...(await check()));
    } catch (error) {
      failures.push(
        `${name} could not be checked: ${error instanceof Error ? error.message : String(error)}`,
      );
    }
  }
  return { violations, failures };
};
type Outcome = { violations: Violation[]; failures: string[] };

const verify = async (): Promise<Outcome> => {
  const { values } = parseArgs({
    options: {
      acks: { type: 'string' },
      wait: { type: 'string', default: '10' },
      stack: { type: 'string' },
      help: { type: 'boolean' },
    },
  });
  if (values.help) {
    console.log(HELP);
    return { violations: [], failures: [] };
  }
  const { acks, unreadable } = readAcks(values.acks ? readFileSync(values.acks, 'utf8') : '');
  const env = await findSystem(values.stack);
  const db = new Client({ connectionString: env['PAYMENTS_DATABASE_URL'] });
  await db.connect();
  const waitMs = Number(values.wait) * 1_000;
  try {
    const endMs = Date.now() + waitMs;
    while ((await countUnderWay(db)) > 0 && Date.now() < endMs) await sleep(100);
    const stripe = openStripe(new URL(env['PROCESSOR_URL'] ?? ''), env['STRIPE_SECRET_KEY'] ?? '');
    const { rows } = await db.query<{ count: number }>('select count(*)::int as count from payments');
    console.log(`${rows[0]?.count} payments, ${acks.length} acknowledgements`);
    return await runAll({
      'the file of acknowledgements': async () => unreadable,
      acknowledgements: () => checkAcks(db, acks),
      rows: () => checkReadable(db),
      'the ledger': () => checkLedger(db),
      'what is stuck': () => checkStuck(db),
      charges: () => checkCharges(db, stripe),
      'what services know': () => checkServices(db, env, waitMs),
    });
  } finally {
    await db.end();
  }
};

/** Text for a terminal, whatever a row holds. */
const printable = (text: string): string =>
  text.replaceAll(/[^\x20-\x7e]/g, (sign) => `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`);

try {
  const { violations: found, failures } = await verify();
  const violations = found.filter((one) => !isMoved(one));
  const moved = found.length - violations.length;
  for (const { law, id, what } of violations.slice(0, SHOWN))
    console.log(printable(`${LAWS[law as keyof typeof LAWS]}: ${id}: ${what}`));
  if (violations.length > SHOWN) console.log(`… and ${violations.length - SHOWN} more`);
  const counts = Object.entries(LAWS).map(
    ([law, name]) => `${violations.filter((violation) => violation.law === law).length} ${name}`,
  );
  console.log(counts.join(', '));
  if (moved > 0)
    console.log(`moved from POC-2: ${moved} completed payments that this processor does not know`);
  for (const failure of failures) console.error(`verify: ${failure}`);
  process.exitCode = violations.length > 0 ? 1 : failures.length > 0 ? 2 : 0;
} catch (error) {
  console.error(`verify: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 2;
}
