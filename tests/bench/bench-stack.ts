import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { startStack, type Stack, type UnitStatus } from '../../scripts/stack/client.ts';
import { folderOf, type Overrides } from '../../scripts/stack/folder.ts';
import { portsOf } from '../../scripts/stack/ports.ts';
import { postgresFolderOf } from '../../scripts/stack/servers/postgres.ts';
import { down, forget } from '../../scripts/stack/up.ts';
import type { Measured } from './contender-process.ts';
import { endWithBenches } from './payloom.ts';

/** A stack for one bench, with the ports of its gateways; `port` is the first one's. */
export type BenchStack = Measured & {
  stack: Stack;
  ports: number[];
  /** What runs, by name; only what has a process at the moment. */
  units(): Promise<(UnitStatus & { pid: number })[]>;
  /** Ends it and deletes its data. */
  end(): Promise<void>;
};

const NAME = 'bench';
const LIMITS_OFF: Overrides = { gateway: { GATEWAY_LIMITS_OFF: 'true' } };

const ownerOf = (base: number) => {
  const urlOf = (database: string): string => {
    const file = join(postgresFolderOf(folderOf(NAME)), 'postgres-secrets.json');
    const { owner } = JSON.parse(readFileSync(file, 'utf8')) as { owner: string };
    return `postgres://payloom:${owner}@127.0.0.1:${portsOf(base).postgres}/${database}`;
  };
  const asOwner: Measured['asOwner'] = async (use, database = 'payloom_payments') => {
    const client = new Client({ connectionString: urlOf(database) });
    await client.connect();
    try {
      return await use(client);
    } finally {
      await client.end();
    }
  };
  return { urlOf, asOwner };
};

/** Ends the stack of an earlier run, if it was left, and deletes what it held. */
const remove = async (): Promise<void> => {
  await down(folderOf(NAME));
  await forget(folderOf(NAME));
};

/** Starts the default stack on throw-away data, without demo data, limits off. */
export const startBenchStack = async (base: number, env: Overrides = {}): Promise<BenchStack> => {
  await remove();
  const keep = endWithBenches(remove);
  const overrides = { ...LIMITS_OFF, ...env };
  const stack = await startStack({ name: NAME, port: base, demo: false, env: overrides });
  const ports = stack.gateways.map((gateway) => Number(new URL(gateway).port));
  return {
    stack,
    ports,
    port: ports[0] as number,
    url: stack.env['PUBLIC_URL'] ?? '',
    ...ownerOf(base),
    units: async () =>
      (await stack.status()).units.filter((unit): unit is UnitStatus & { pid: number } => unit.pid !== null),
    end: async () => {
      keep();
      await remove();
    },
  };
};
