import { startStack, type Stack, type UnitStatus } from '../../scripts/stack/client.ts';
import { folderOf, type Overrides } from '../../scripts/stack/folder.ts';
import { portsOf } from '../../scripts/stack/ports.ts';
import { postgresFolderOf } from '../../scripts/stack/servers/postgres.ts';
import { down, deleteStack } from '../../scripts/stack/up.ts';
import { ownerOf } from '../system/embedded-instance.ts';
import { endWithBenches, type Measured } from './instances.ts';

/** A stack for one bench; `port` is its first gateway's. */
export type BenchStack = Measured & {
  stack: Stack;
  /** The ports of its gateways. */
  ports: number[];
  /** The processes and servers that run at the moment. */
  units(): Promise<(UnitStatus & { pid: number })[]>;
  /** Stops it and deletes its data. */
  end(): Promise<void>;
};

const NAME = 'bench';
export const LIMITS_OFF = { GATEWAY_LIMITS_OFF: 'true', TEST_SYSTEM: 'true' };
const NGINX_LIMITS_OFF = { REQUESTS_PER_SECOND: '100000', SIGN_INS_PER_SECOND: '100000' };

/** Stops a stack, also one left by an earlier run, and deletes its data. */
const remove = async (): Promise<void> => {
  await down(folderOf(NAME));
  await deleteStack(folderOf(NAME));
};

/** Starts the default stack on throw-away data, without demo data, with limits off. */
export const startBenchStack = async (base: number, env: Overrides = {}): Promise<BenchStack> => {
  await remove();
  const cancel = endWithBenches(remove);
  const overrides = { gateway: LIMITS_OFF, nginx: NGINX_LIMITS_OFF, ...env };
  const stack = await startStack({ name: NAME, port: base, demo: false, env: overrides });
  const ports = stack.gateways.map((gateway) => Number(new URL(gateway).port));
  return {
    ...ownerOf(postgresFolderOf(folderOf(NAME)), portsOf(base).postgres),
    stack,
    ports,
    port: ports[0] as number,
    url: stack.env['PUBLIC_URL'] ?? '',
    urls: stack.gateways,
    units: async () =>
      (await stack.status()).units.filter((unit): unit is UnitStatus & { pid: number } => unit.pid !== null),
    end: async () => {
      cancel();
      await remove();
    },
  };
};
