import { setTimeout as sleep } from 'node:timers/promises';
import { MESSAGES_CHANNEL } from '../../services/realtime/messages/send.ts';
import { type Person, register } from '../system/accounts.ts';
import { until } from '../system/timing.ts';
import { assertNoUnexpectedErrors, assertOneRetry, slowestMs, startLoad } from './load.ts';
import { openCrowd, assertMessages, endpointsOf, type Crowd } from './crowd.ts';
import { openUnresponsive, type UnresponsiveSocket } from './unresponsive-socket.ts';
import type { StackFault } from './fault.ts';
import type { System } from './system.ts';

const UNRESPONSIVE_AT_ONCE = 50;
const FLOW_MS = 30_000;
const CLOSE_LIMIT_MS = 10_000;
const POLL_MS = 100;
/** V8's own variation under such a load. */
const FLAT_MB = 30;
const SETTLE_MS = 5_000;

const UNITS = ['realtime-1', 'realtime-2', 'gateway-1', 'gateway-2'] as const;

const memoryOf = async (system: System): Promise<number[]> => {
  const { units } = await system.stack.status();
  return UNITS.map((name) => units.find((unit) => unit.name === name)?.memoryMb ?? 0);
};

/** Sockets that never read, each replaced once the server has closed it; how long each was kept. */
const keepUnresponsive = (system: System, people: readonly Person[]) => {
  const { urls, origin } = endpointsOf(system);
  const keptMs: number[] = [];
  const open = new Set<UnresponsiveSocket>();
  let refused = 0;
  let going = true;
  const worker = async (number: number) => {
    for (let turn = 0; going; turn++) {
      const person = people[(number + turn) % people.length] as Person;
      const socket = await openUnresponsive(urls[(number + turn) % urls.length] ?? '', origin, person).catch(
        () => null,
      );
      if (!socket) {
        refused += 1;
        await sleep(POLL_MS);
        continue;
      }
      open.add(socket);
      while (going && socket.isKept()) {
        if (Date.now() - socket.sinceMs > 2 * CLOSE_LIMIT_MS) break;
        await sleep(POLL_MS);
      }
      if (going) keptMs.push(Date.now() - socket.sinceMs);
      open.delete(socket);
      socket.close();
    }
  };
  const workers = Promise.all(Array.from({ length: UNRESPONSIVE_AT_ONCE }, (_, number) => worker(number)));
  return {
    keptMs,
    refused: () => refused,
    stop: async () => {
      going = false;
      for (const socket of open) socket.close();
      await workers;
    },
  };
};

const FLOOD_ROWS = 20_000;
const FLOOD_BYTES = 2_000;
const FLOODED = 3;

/**
 * Sends one user more than the kernel's buffers hold, while the sockets send pongs without reading.
 * @returns how long each socket was kept after the flood began
 */
const flood = async (system: System, person: Person): Promise<number[]> => {
  const { urls, origin } = endpointsOf(system);
  const sockets = await Promise.all(
    Array.from({ length: FLOODED }, (_, at) =>
      openUnresponsive(urls[at % urls.length] ?? '', origin, person, true),
    ),
  );
  try {
    const { rowCount } = await system.database('realtime').query(
      // The first event of a new user may not have made their stream yet.
      `with counted as (
         insert into streams (user_id, last_seq) values ($1, $2)
         on conflict (user_id) do update set last_seq = streams.last_seq + excluded.last_seq
         returning last_seq - $2 as before
       )
       insert into messages (user_id, seq, name, payload, at)
       select $1, before + i,
         'realtime.sessionsChanged', json_build_object('sessionId', repeat('x', $3))::text, now()
       from counted, generate_series(1, $2::int) i`,
      [person.id, FLOOD_ROWS, FLOOD_BYTES],
    );
    if (rowCount !== FLOOD_ROWS) throw new Error(`the flood has ${rowCount} messages`);
    await system
      .database('realtime')
      .query('select pg_notify($1, $2)', [MESSAGES_CHANNEL, `fault ${person.id}`]);
    const sinceMs = Date.now();
    return await Promise.all(
      sockets.map(async (socket) => {
        await until('an unresponsive socket is closed', 2 * CLOSE_LIMIT_MS, () => !socket.isKept());
        return Date.now() - sinceMs;
      }),
    );
  } finally {
    for (const socket of sockets) socket.close();
  }
};

const flow = async (system: System, crowd: Crowd, label: string, forMs: number) => {
  const load = startLoad(
    system,
    crowd.payers.map(({ api }) => api),
    { label, width: 4, pauseMs: 100, payees: crowd.payees.map(({ email }) => email) },
  );
  await sleep(forMs);
  return load.stop();
};

export const slowReaders: StackFault = {
  on: 'stack',
  edge: true,
  name: 'F12-slow-readers',
  title:
    '50 sockets that never read, for 30 s of payments, and a flood of 40 MB to one that only sends pongs',
  run: async (system, { seed }) => {
    const label = `f12-${seed}-${Date.now()}`;
    const crowd = await openCrowd(system, { label, each: 4, sockets: 16 });
    try {
      await flow(system, crowd, `${label}-warm`, SETTLE_MS);
      const before = await memoryOf(system);
      const unresponsive = keepUnresponsive(system, crowd.payees);
      const requests = await flow(system, crowd, label, FLOW_MS).finally(() => unresponsive.stop());
      assertNoUnexpectedErrors(requests);
      assertOneRetry(requests);
      const ids = requests.map(({ answer }) => String(answer.body['id']));
      const messages = await assertMessages(system, crowd, ids);
      const floodedMs = await flood(
        system,
        await register(system.urls, `${label}-f@example.com`, 'CUSTOMER'),
      );
      await sleep(SETTLE_MS);
      const after = await memoryOf(system);
      const grown = UNITS.map((name, at) => `${name} ${before[at]} → ${after[at]} MB`);
      const closeMs = Math.max(...unresponsive.keptMs);
      const floodMs = Math.max(...floodedMs);
      const figure =
        `${unresponsive.keptMs.length} sockets that never read closed after ` +
        `${Math.min(...unresponsive.keptMs)} to ` +
        `${closeMs} ms (${unresponsive.refused()} refused), ` +
        `${FLOODED} under the flood after at most ${floodMs} ms; ${grown.join(', ')}; meanwhile ` +
        `${requests.length} payments, ` +
        `slowest ${slowestMs(requests)} ms, ${messages} messages to sockets that read`;
      const isFlat = before.every((mb, at) => (after[at] ?? 0) - mb <= FLAT_MB);
      if (unresponsive.keptMs.length === 0 || Math.max(closeMs, floodMs) > CLOSE_LIMIT_MS || !isFlat)
        throw new Error(figure);
      return figure;
    } finally {
      crowd.close();
    }
  },
};
