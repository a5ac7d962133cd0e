import type { ProcessState, SystemSnapshot } from '../../shared/contracts/admin/system.ts';
import { deadQueueOf } from '../../broker/events/topology.ts';
import { newId } from '../../broker/process/ids.ts';
import { ADMIN, signIn } from '../system/accounts.ts';
import type { Api } from '../system/client.ts';
import { until } from '../system/timing.ts';
import { openEvents, takeAll } from './events.ts';
import { put } from './f7-events.ts';
import type { StackFault } from './fault.ts';
import type { System } from './system.ts';

/** How soon the page shows what has ended, or is back. */
const SHOWN_LIMIT_MS = 5_000;
const LETTER_LIMIT_MS = 2_000;

/** What the page reads, from the gateway that is not the stopped one. */
const readSystem = async (admin: Api, at: number): Promise<SystemSnapshot | null> => {
  const { status, text } = await admin.get('/api/admin/system', at);
  if (status === 200) return JSON.parse(text) as SystemSnapshot;
  if (status === 503) return null;
  throw new Error(`the system was answered ${status}: ${text}`);
};

/** The state of the newest process of a name such as `payments-2`. */
const stateOf = ({ processes }: SystemSnapshot, name: string): ProcessState | undefined =>
  processes
    .filter(({ services, replica }) => `${services.join('-')}-${replica}` === name)
    .toSorted((a, b) => a.since.localeCompare(b.since))
    .at(-1)?.state;

/** Ends a process, waits until the page says so, and the same for its return. */
const endInTurn = async (system: System, admin: Api, name: string): Promise<[number, number]> => {
  const at = name === 'gateway-1' ? 1 : 0;
  const shows = (wanted: ProcessState) => async () => {
    const seen = await readSystem(admin, at);
    return seen !== null && stateOf(seen, name) === wanted;
  };
  await system.stack.stop(name);
  const endedMs = await until(`the page shows ${name} as stopped`, SHOWN_LIMIT_MS, shows('stopped'));
  await system.stack.start(name);
  const backMs = await until(`the page shows ${name} as up`, SHOWN_LIMIT_MS, shows('up'));
  return [endedMs, backMs];
};

/** Kills a process: the page has seen it die, although the stack restarts it at once. */
const killSeen = async (system: System, admin: Api, name: string): Promise<number> => {
  const sinceMs = Date.now();
  await system.signal(name, 'SIGKILL');
  const [, service = '', replica = ''] = /^(.*)-(\d+)$/.exec(name) ?? [];
  const isDeath = (change: { at: string; services: string[]; replica: string; state: string }) =>
    change.state === 'died' &&
    change.replica === replica &&
    change.services.join('-') === service &&
    Date.parse(change.at) >= sinceMs;
  const tookMs = await until(`the page shows that ${name} has died`, SHOWN_LIMIT_MS, async () => {
    const { status, text } = await admin.get('/api/admin/system/history');
    if (status !== 200) return false;
    return (JSON.parse(text) as { changes: Parameters<typeof isDeath>[0][] }).changes.some(isDeath);
  });
  await system.ready();
  return tookMs;
};

/** Stops a server; the page stays open and names who misses it. */
const serverInTurn = async (system: System, admin: Api, server: string): Promise<[number, number]> => {
  const misses = async (): Promise<string[] | null> => {
    const seen = await readSystem(admin, 0);
    return (
      seen &&
      seen.processes
        .filter(({ state, dependencies }) => state === 'up' && dependencies.some(({ ok }) => !ok))
        .map(({ id }) => id)
    );
  };
  await system.stack.stop(server);
  let endedMs: number;
  try {
    endedMs = await until(
      `the page says who misses ${server}`,
      SHOWN_LIMIT_MS,
      async () => ((await misses()) ?? []).length > 0,
    );
  } finally {
    await system.stack.start(server);
  }
  const backMs = await until(
    `the page shows nobody without ${server}`,
    3 * SHOWN_LIMIT_MS,
    async () => (await misses())?.length === 0,
  );
  return [endedMs, backMs];
};

/** Without the service behind the page, or its way to it, requests are refused as unavailable. */
const withoutPage = async (system: System, admin: Api, name: string): Promise<number> => {
  await system.stack.stop(name);
  const { status, retryAfter } = await admin.get('/api/admin/system');
  await system.stack.start(name);
  if (status !== 503 || retryAfter === null)
    throw new Error(`without ${name} the page was answered ${status}`);
  return until(
    `the page is back after ${name}`,
    2 * SHOWN_LIMIT_MS,
    async () => (await readSystem(admin, 0)) !== null,
  );
};

/** Puts an event that cannot be read into a queue; the page Dead letters has it. */
const poisonSeen = async (system: System, admin: Api): Promise<number> => {
  const { channel, close } = await openEvents(system);
  put(channel, { id: newId('event', Date.now()), payload: Buffer.from([0x00, 0xff, 0x7b]) });
  await channel.waitForConfirms();
  const tookMs = await until('the dead letter is shown', LETTER_LIMIT_MS, async () => {
    const { text } = await admin.get('/api/admin/dead-letters?service=payments');
    const { items } = JSON.parse(text) as { items: object[] };
    return items.length === 1;
  });
  await takeAll(channel, deadQueueOf('payments'));
  await close();
  return tookMs;
};

const worst = (all: readonly [number, number][]): string =>
  `${Math.max(...all.map(([ended]) => ended))} and ${Math.max(...all.map(([, back]) => back))} ms`;

export const systemPage: StackFault = {
  on: 'stack',
  name: 'F16-system-page',
  title: 'every process and server stopped in turn (short: three processes), as the page System shows it',
  run: async (system, { short }) => {
    const admin = await signIn(system.urls, ADMIN);
    const { units } = await system.stack.status();
    const processes = units
      .filter(({ kind, service }) => kind === 'process' && service !== 'admin')
      .map(({ name }) => name);
    const chosen = short ? ['gateway-1', 'payments-1', 'auth-1'] : processes;
    const ended: [number, number][] = [];
    for (const name of chosen) ended.push(await endInTurn(system, admin, name));
    const killed: number[] = [];
    for (const name of chosen.filter((one) => one !== 'gateway-1')) {
      killed.push(await killSeen(system, admin, name));
    }
    const servers: [number, number][] = [];
    for (const server of short ? [] : ['redis', 'postgres']) {
      servers.push(await serverInTurn(system, admin, server));
    }
    const away: number[] = [];
    for (const name of short ? ['admin-1'] : ['admin-1', 'rabbitmq-1']) {
      away.push(await withoutPage(system, admin, name));
      await system.ready();
    }
    const letterMs = await poisonSeen(system, admin);
    return (
      `${ended.length} processes stopped and started: shown within ${worst(ended)}; ` +
      `${killed.length} killed: within ${Math.max(...killed)} ms; ` +
      (servers.length > 0 ? `Redis and PostgreSQL stopped and started: ${worst(servers)}; ` : '') +
      `back after ${away.join(' and ')} ms where the page itself was unavailable; ` +
      `a dead letter shown after ${letterMs} ms`
    );
  },
};
