import { setTimeout as sleep } from 'node:timers/promises';
import { PASSWORD, signIn } from '../system/accounts.ts';
import { clientOf } from '../system/client.ts';
import { until } from '../system/timing.ts';
import { assertNoUnexpectedErrors, assertOneRetry, errorCounts, slowestMs, startLoad } from './load.ts';
import { killInTurn } from './kill-in-turn.ts';
import { countEvents, waitForEmptyOutbox, assertEventsFlow } from './events.ts';
import type { StackFault } from './fault.ts';
import type { System } from './system.ts';

const VICTIMS = ['gateway-1', 'gateway-2', 'auth-1', 'payments-1'] as const;
const READS = ['/api/payments?limit=5', '/api/auth/me'];

/** Registers accounts while auth is killed. @returns the e-mail addresses that were answered 201 */
const startRegistering = (system: System, label: string) => {
  const client = clientOf(system.urls);
  const registered: string[] = [];
  let going = true;
  const run = async () => {
    for (let index = 0; going; index++) {
      const email = `${label}-${index}@example.com`;
      const body = { email, name: 'Registered', password: PASSWORD };
      const answer = await client.post('/api/auth/register', body, {}, index).catch(() => null);
      if (answer?.status === 201) registered.push(email);
      await sleep(100);
    }
  };
  const running = run();
  return {
    stop: async () => {
      going = false;
      await running;
      return registered;
    },
  };
};

export const killOthers: StackFault = {
  on: 'stack',
  name: 'F2-kill-others',
  edge: true,
  title: 'kill -9 of gateway, auth and the processes whose relays work, in turn, under GET and POST',
  run: async (system, { seed, short }) => {
    const client = await signIn(system.urls);
    const events = await countEvents(system, 'payments.created');
    const load = startLoad(system, client, { label: `f2-${seed}`, width: 4, reads: READS, pauseMs: 40 });
    const registering = startRegistering(system, `f2-${seed}-${Date.now()}`);
    const rounds = short ? 1 : 3;
    await killInTurn(system, load, { victims: VICTIMS, rounds, seed, requests: 30 }).finally(
      registering.stop,
    );
    const requests = await load.stop();
    const registered = await registering.stop();
    if (registered.length === 0) throw new Error('no account could be registered');
    assertNoUnexpectedErrors(requests);
    assertOneRetry(requests);
    const failed = requests.filter(({ kind, before }) => kind === 'GET' && before.length > 0);
    const [first] = failed;
    if (first) {
      const { what, firstError } = first;
      throw new Error(`${failed.length} GET failed: ${errorCounts(failed)}; ${what}: ${firstError}`);
    }
    await waitForEmptyOutbox(system);
    const ids = requests.filter(({ kind }) => kind === 'POST').map(({ answer }) => String(answer.body['id']));
    await until('every payment was published', 5_000, () =>
      ids.every((id) => events.seen.has(`payments.created ${id}`)),
    );
    const twice = ids.filter((id) => (events.seen.get(`payments.created ${id}`) ?? 0) > 1).length;
    await events.close();
    const db = system.database('payments');
    await until('every account was published', 5_000, async () => {
      const { rowCount } = await db.query('select from parties where email = any($1)', [registered]);
      return rowCount === registered.length;
    });
    await assertEventsFlow(system);
    const posts = requests.filter(({ kind }) => kind === 'POST');
    return (
      `${VICTIMS.length * rounds} kills, ${requests.length - posts.length} GET with 0 errors ` +
      `through nginx, ${posts.length} POST with 0 after one retry; slowest ` +
      `${slowestMs(requests)} ms; ${errorCounts(requests)}; ${ids.length} payments and ` +
      `${registered.length} accounts published (${twice} twice)`
    );
  },
};
