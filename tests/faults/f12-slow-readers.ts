import { MESSAGES_CHANNEL } from '../../services/realtime/messages/send.ts';
import { sleep, until } from './client.ts';
import { gather, insistOnMessages, endpointsOf, type Crowd } from './crowd.ts';
import { openDeaf, type DeafSocket } from './unresponsive-socket.ts';
import type { StackFault } from './fault.ts';
import { insistOnManners, insistOnOneRetry, slowestMs, startLoad } from './load.ts';
import { register, type Person } from './accounts.ts';
import type { System } from './system.ts';

const DEAF_AT_ONCE = 50;
const FLOW_MS = 30_000;
const DROP_LIMIT_MS = 10_000;
const LOOK_EVERY_MS = 100;
/** What V8 takes and gives back by itself under such a load. */
const FLAT_MB = 30;
const SETTLE_MS = 5_000;

const UNITS = ['realtime-1', 'realtime-2', 'gateway-1', 'gateway-2'] as const;

const memoryOf = async (system: System): Promise<number[]> => {
  const { units } = await system.stack.status();
  return UNITS.map((name) => units.find((unit) => unit.name === name)?.memoryMb ?? 0);
};

/** So many sockets that never read, each opened anew once it was dropped; how long each was kept. */
const keepDeaf = (system: System, people: readonly Person[]) => {
  const { urls, origin } = endpointsOf(system);
  const keptMs: number[] = [];
  const open = new Set<DeafSocket>();
  let refused = 0;
  let going = true;
  const lane = async (number: number) => {
    for (let turn = 0; going; turn++) {
      const person = people[(number + turn) % people.length] as Person;
      const socket = await openDeaf(urls[(number + turn) % urls.length] ?? '', origin, person).catch(
        () => null,
      );
      if (!socket) {
        refused += 1;
        await sleep(LOOK_EVERY_MS);
        continue;
      }
      open.add(socket);
      while (going && socket.isKept()) {
        if (Date.now() - socket.sinceMs > 2 * DROP_LIMIT_MS) break;
        await sleep(LOOK_EVERY_MS);
      }
      if (going) keptMs.push(Date.now() - socket.sinceMs);
      open.delete(socket);
      socket.close();
    }
  };
  const lanes = Promise.all(Array.from({ length: DEAF_AT_ONCE }, (_, number) => lane(number)));
  return {
    keptMs,
    refused: () => refused,
    stop: async () => {
      going = false;
      for (const socket of open) socket.close();
      await lanes;
    },
  };
};

const FLOOD_ROWS = 20_000;
const FLOOD_BYTES = 2_000;
const FLOODED = 3;

/**
 * More for one user than the kernel's buffers hold on the way, while sockets answer pings that they do not
 * read. @returns how long each was kept from the flood on
 */
const flood = async (system: System, person: Person): Promise<number[]> => {
  const { urls, origin } = endpointsOf(system);
  const sockets = await Promise.all(
    Array.from({ length: FLOODED }, (_, at) => openDeaf(urls[at % urls.length] ?? '', origin, person, true)),
  );
  try {
    await system.database('realtime').query(
      `with counted as (
         update streams set last_seq = last_seq + $2 where user_id = $1 returning last_seq - $2 as before
       )
       insert into messages (user_id, seq, name, payload, at)
       select $1, before + i,
         'realtime.sessionsChanged', json_build_object('sessionId', repeat('x', $3))::text, now()
       from counted, generate_series(1, $2::int) i`,
      [person.id, FLOOD_ROWS, FLOOD_BYTES],
    );
    await system
      .database('realtime')
      .query('select pg_notify($1, $2)', [MESSAGES_CHANNEL, `fault ${person.id}`]);
    const sinceMs = Date.now();
    return await Promise.all(
      sockets.map(async (socket) => {
        await until('who does not read is dropped', 2 * DROP_LIMIT_MS, () => !socket.isKept());
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
  name: 'F12-slow-readers',
  title:
    '50 sockets that never read, for 30 s of payments, and a flood of 40 MB for one who answers pings unread',
  short: false,
  run: async (system, { seed }) => {
    const label = `f12-${seed}-${Date.now()}`;
    const crowd = await gather(system, { label, each: 4, sockets: 16 });
    try {
      await flow(system, crowd, `${label}-warm`, SETTLE_MS);
      const before = await memoryOf(system);
      const deaf = keepDeaf(system, crowd.payees);
      const requests = await flow(system, crowd, label, FLOW_MS).finally(() => deaf.stop());
      insistOnManners(requests);
      insistOnOneRetry(requests);
      const ids = requests.map(({ answer }) => String(answer.body['id']));
      const messages = await insistOnMessages(system, crowd, ids);
      const floodedMs = await flood(
        system,
        await register(system.urls, `${label}-f@example.com`, 'CUSTOMER'),
      );
      await sleep(SETTLE_MS);
      const after = await memoryOf(system);
      const grown = UNITS.map((name, at) => `${name} ${before[at]} → ${after[at]} MB`);
      const dropMs = Math.max(...deaf.keptMs);
      const floodMs = Math.max(...floodedMs);
      const figure =
        `${deaf.keptMs.length} sockets that never read dropped after ${Math.min(...deaf.keptMs)} to ` +
        `${dropMs} ms (${deaf.refused()} not let in), ` +
        `${FLOODED} under the flood after at most ${floodMs} ms; ${grown.join(', ')}; meanwhile ` +
        `${requests.length} payments, ` +
        `slowest ${slowestMs(requests)} ms, ${messages} messages to those who read`;
      const isFlat = before.every((mb, at) => (after[at] ?? 0) - mb <= FLAT_MB);
      if (deaf.keptMs.length === 0 || Math.max(dropMs, floodMs) > DROP_LIMIT_MS || !isFlat)
        throw new Error(figure);
      return figure;
    } finally {
      crowd.close();
    }
  },
};
