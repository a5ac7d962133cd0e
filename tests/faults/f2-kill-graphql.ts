import { register, signInAgain, type Person } from '../system/accounts.ts';
import { percentile } from '../system/statistics.ts';
import { until } from '../system/timing.ts';
import { assertMessages, gapsOf, openCrowd } from './crowd.ts';
import { waitForEmptyOutbox } from './events.ts';
import type { StackFault } from './fault.ts';
import { killInTurn } from './kill-in-turn.ts';
import { assertNoUnexpectedErrors, assertOneRetry, errorCounts, startLoad } from './load.ts';
import { REVOKE_LIMIT_MS } from './revoke.ts';
import { connectStream, type StreamClient, type StreamTransport } from './stream-client.ts';
import type { System } from './system.ts';

const VICTIMS = ['gateway-1', 'gateway-2'] as const;
const TRANSPORTS: readonly StreamTransport[] = ['events', 'websocket'];
const EACH = 4;
const PAUSE_MS = 250;
const OPEN_LIMIT_MS = 30_000;
const GAP_LIMIT_MS = 5_000;

const areOpen = (streams: readonly StreamClient[]): boolean => streams.every(({ lostMs }) => lostMs === null);

/** Each person has one subscription of each kind, at different gateways. */
const subscribeAll = async (system: System, people: readonly Person[]): Promise<StreamClient[]> => {
  const streams = people.flatMap((person, index) =>
    TRANSPORTS.map((transport, at) => connectStream(system.urls, person, { first: index + at, transport })),
  );
  await until('every subscription is open', OPEN_LIMIT_MS, () => areOpen(streams));
  // The time until the first connection is not a gap.
  for (const one of streams) one.gaps.length = 0;
  return streams;
};

/** Signs out a session with a subscription. @returns milliseconds from the answer to the end of it */
const endOnce = async (system: System, person: Person, at: number): Promise<number> => {
  const victim = await signInAgain(system.urls, person);
  const transport = TRANSPORTS[at % TRANSPORTS.length] as StreamTransport;
  const first = at >> 1;
  const stream = connectStream(system.urls, victim, { first, transport, once: true });
  try {
    await until('the subscription is open', OPEN_LIMIT_MS, () => stream.lostMs === null);
    // At the other gateway.
    const { status, text } = await victim.api.send('POST', '/api/auth/logout', {}, first + 1);
    const sinceMs = Date.now();
    if (status !== 204) throw new Error(`signing out was answered ${status}: ${text}`);
    await until(`the ${transport} have ended`, 10_000, () => stream.lostMs !== null);
    const [end] = stream.ends;
    if (end?.code !== 'session_ended') throw new Error(`${transport}: ended by ${end?.code ?? 'nothing'}`);
    return Math.max(0, end.atMs - sinceMs);
  } finally {
    stream.close();
  }
};

/** Signs out with a subscription at the other gateway, again and again. @throws Error over the limit */
const endMany = async (system: System, label: string, tries: number): Promise<string> => {
  const person = await register(system.urls, `${label}-ending@example.com`, 'CUSTOMER');
  const took: number[] = [];
  for (let at = 0; at < tries; at++) took.push(await endOnce(system, person, at));
  const figure =
    `${tries} sign-outs at the other gateway ended a subscription after p50 ${percentile(took, 0.5)}, ` +
    `max ${Math.max(...took)} ms`;
  if (Math.max(...took) > REVOKE_LIMIT_MS) throw new Error(figure);
  return figure;
};

export const killGraphql: StackFault = {
  on: 'stack',
  name: 'F2-kill-graphql',
  title:
    'kill -9 of the gateways in turn under 16 GraphQL subscriptions, half server-sent events and half ' +
    'WebSockets; then sign-outs',
  run: async (system, { seed, short }) => {
    const label = `f2g-${seed}-${Date.now()}`;
    const rounds = short ? 1 : 3;
    const { payers, payees } = await openCrowd(system, { label, each: EACH, sockets: 0 });
    const sockets = await subscribeAll(system, [...payers, ...payees]);
    const load = startLoad(
      system,
      payers.map(({ api }) => api),
      { label, width: 4, pauseMs: PAUSE_MS, payees: payees.map(({ email }) => email) },
    );
    try {
      const settled = () => until('every subscription is open', OPEN_LIMIT_MS, () => areOpen(sockets));
      await killInTurn(system, load, { victims: VICTIMS, rounds, seed, requests: 10, settled });
      const requests = await load.stop();
      assertNoUnexpectedErrors(requests);
      assertOneRetry(requests);
      await waitForEmptyOutbox(system);
      const ids = requests.map(({ answer }) => String(answer.body['id']));
      const changes = await assertMessages(system, { sockets }, ids);
      const gaps = gapsOf({ sockets });
      const figure =
        `${VICTIMS.length * rounds} kills, ${sockets.length} subscriptions, ${requests.length} payments ` +
        `(${errorCounts(requests)}), ${changes} of ${changes} changes in order, none twice; ` +
        `${gaps.figure}; ${await endMany(system, label, short ? 8 : 40)}`;
      if (gaps.longestMs > GAP_LIMIT_MS) throw new Error(figure);
      return figure;
    } finally {
      for (const one of sockets) one.close();
    }
  },
};
