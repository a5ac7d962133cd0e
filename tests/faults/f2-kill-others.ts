import { PASSWORD, seeded, signIn, sleep, stranger, until } from './client.ts';
import { countEvents, insistOnEmptyOutbox, insistOnEvents } from './events.ts';
import type { StackFault } from './fault.ts';
import { insistOnManners, insistOnOneRetry, slowestMs, startLoad, troubles, type Request } from './load.ts';
import type { System } from './system.ts';

const VICTIMS = ['gateway-1', 'gateway-2', 'auth-1', 'payments-1'] as const;
const READS = ['/api/payments?limit=5', '/api/auth/me'];

/** New accounts while auth dies: those that were promised, as `key e-mail`. */
const startRegistering = (system: System, label: string) => {
  const client = stranger(system.urls);
  const promised: string[] = [];
  let going = true;
  const run = async () => {
    for (let index = 0; going; index++) {
      const email = `${label}-${index}@example.com`;
      const body = { email, name: 'Registered', password: PASSWORD };
      const answer = await client.post('/api/auth/register', body, {}, index).catch(() => null);
      if (answer?.status === 201) promised.push(email);
      await sleep(100);
    }
  };
  const running = run();
  return {
    stop: async () => {
      going = false;
      await running;
      return promised;
    },
  };
};

/** Under load: every victim in turn dies and is ready again. */
const killAll = async (
  system: System,
  seed: number,
  rounds: number,
  load: { requests: readonly Request[] },
) => {
  const random = seeded(seed);
  for (let round = 0; round < rounds; round++) {
    for (const victim of VICTIMS) {
      const before = load.requests.length;
      await until('the load runs', 10_000, () => load.requests.length > before + 30);
      await sleep(random() * 200);
      await system.signal(victim, 'SIGKILL');
      await system.ready();
    }
  }
};

export const killOthers: StackFault = {
  on: 'stack',
  name: 'F2-kill-others',
  title: 'kill -9 of gateway, auth and the processes whose relays work, in turn, under GET and POST',
  short: true,
  run: async (system, { seed, short }) => {
    const client = await signIn(system.urls);
    const events = await countEvents(system, 'payments.created');
    const load = startLoad(system, client, { label: `f2-${seed}`, width: 4, reads: READS, pauseMs: 40 });
    const registering = startRegistering(system, `f2-${seed}-${Date.now()}`);
    const rounds = short ? 1 : 3;
    await killAll(system, seed, rounds, load).finally(() =>
      Promise.allSettled([load.stop(), registering.stop()]),
    );
    const requests = await load.stop();
    const promised = await registering.stop();
    if (promised.length === 0) throw new Error('nobody could register');
    insistOnManners(requests);
    insistOnOneRetry(requests);
    const rude = requests.filter(({ kind, before }) => kind === 'GET' && before.some((one) => one === 503));
    await insistOnEmptyOutbox(system);
    const ids = requests.filter(({ kind }) => kind === 'POST').map(({ answer }) => String(answer.body['id']));
    await until('every payment was told', 5_000, () =>
      ids.every((id) => events.seen.has(`payments.created ${id}`)),
    );
    const twice = ids.filter((id) => (events.seen.get(`payments.created ${id}`) ?? 0) > 1).length;
    await events.close();
    const db = system.database('payments');
    await until('every account was told', 5_000, async () => {
      const { rowCount } = await db.query('select from parties where email = any($1)', [promised]);
      return rowCount === promised.length;
    });
    await insistOnEvents(system);
    const posts = requests.filter(({ kind }) => kind === 'POST');
    return (
      `${VICTIMS.length * rounds} kills, ${requests.length - posts.length} GET with 0 errors ` +
      `(${rude.length} asked twice for a 503), ${posts.length} POST with 0 after one retry; slowest ` +
      `${slowestMs(requests)} ms; ${troubles(requests)}; ${ids.length} payments and ${promised.length} ` +
      `accounts told (${twice} twice)`
    );
  },
};
