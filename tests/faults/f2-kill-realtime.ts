import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../system/timing.ts';
import {
  assertNoUnexpectedErrors,
  assertOneRetry,
  errorCounts,
  pay,
  type Request,
  startLoad,
} from './load.ts';
import { gapsOf, openCrowd, assertMessages, endpointsOf, type Crowd } from './crowd.ts';
import { assertConsumers, waitForEmptyOutbox } from './events.ts';
import type { StackFault } from './fault.ts';
import { killInTurn } from './kill-in-turn.ts';
import { startProxy, type Proxy } from './proxy.ts';
import type { System } from './system.ts';
import { connectSocket, type SocketClient } from './socket-client.ts';

const VICTIMS = ['realtime-1', 'gateway-1', 'realtime-2', 'gateway-2'] as const;
/** Two cores manage 22 payments a second to 100 sockets, with nothing left for a process that starts. */
const PAUSE_MS = 250;
const GAP_LIMIT_MS = 5_000;
const CUT_MS = 30_000;
const WHILE_AWAY = 50;

const idsOf = (requests: readonly Request[]): string[] =>
  requests.filter(({ kind }) => kind === 'POST').map(({ answer }) => String(answer.body['id']));

const emailsOf = (people: Crowd['payees']): string[] => people.map(({ email }) => email);

/** Fifty payments while sockets are disconnected; every message arrives after the reconnection. */
const payWhileAway = async (
  system: System,
  crowd: Crowd,
  label: string,
  away: (paid: Promise<unknown>) => Promise<unknown>,
): Promise<string> => {
  const before = new Map(crowd.sockets.map((one) => [one, one.messages.length]));
  const ids: string[] = [];
  const payAll = async () => {
    for (let index = 0; index < WHILE_AWAY; index++) {
      const payer = crowd.payers[index % crowd.payers.length];
      const payee = crowd.payees[index % crowd.payees.length];
      if (!payer || !payee) throw new Error('the crowd is empty');
      const options = {
        key: `${label}-${index}`,
        amountMinor: 500 + index,
        first: index,
        payee: payee.email,
      };
      ids.push(String((await pay(system, payer.api, options)).answer.body['id']));
    }
  };
  const paid = payAll();
  await Promise.all([away(paid), paid]);
  await crowd.connected();
  await assertMessages(system, crowd, ids);
  const count = crowd.sockets.reduce((sum, one) => sum + one.messages.length - (before.get(one) ?? 0), 0);
  return `${ids.length} payments, ${count} of ${count} messages in order, none twice`;
};

/** A few sockets whose connections all go through one proxy, which is partitioned. */
const cutCable = async (system: System, seed: number): Promise<string> => {
  const port = Number(new URL(system.urls[0] ?? '').port);
  const cable: Proxy = await startProxy(port);
  const crowd = await openCrowd(system, { label: `f2r-${seed}-cut`, each: 2, sockets: 0 });
  const endpoints = { ...endpointsOf(system), urls: [`http://127.0.0.1:${cable.port}`] };
  const people = [...crowd.payers, ...crowd.payees];
  const sockets: SocketClient[] = people.map((person) => connectSocket(endpoints, person));
  const cut: Crowd = { ...crowd, sockets };
  try {
    await until('the sockets are open', 10_000, () => sockets.every(({ lostMs }) => lostMs === null));
    let how = '';
    const figure = await payWhileAway(system, cut, `f2r-${seed}-cut`, async () => {
      how = cable.partition();
      await sleep(CUT_MS);
      cable.heal();
      await until('the sockets are open', 30_000, () => sockets.every(({ lostMs }) => lostMs === null));
    });
    return `${CUT_MS / 1_000} s of ${how}: ${figure}`;
  } finally {
    for (const one of sockets) one.close();
    await cable.close();
  }
};

/** Payments while sockets are disconnected, by each cause in turn. */
const awayInEveryWay = async (system: System, crowd: Crowd, seed: number): Promise<string[]> => {
  const restarted = (service: string) => async () => system.stack.restart(service);
  const ways = { 'restart of realtime': 'realtime', 'restart of the gateways': 'gateway' };
  const figures: string[] = [];
  for (const [name, service] of Object.entries(ways))
    figures.push(
      `${name}: ${await payWhileAway(system, crowd, `f2r-${seed}-${service}`, restarted(service))}`,
    );
  figures.push(await cutCable(system, seed));
  return figures;
};

export const killRealtime: StackFault = {
  on: 'stack',
  name: 'F2-kill-realtime',
  title: 'kill -9 of realtime and gateways in turn under 100 sockets (short: 40) of payers and payees',
  run: async (system, { seed, short }) => {
    const rounds = short ? 1 : 3;
    const sockets = short ? 40 : 100;
    const crowd = await openCrowd(system, {
      label: `f2r-${seed}-${Date.now()}`,
      each: short ? 8 : 20,
      sockets,
    });
    const load = startLoad(
      system,
      crowd.payers.map(({ api }) => api),
      { label: `f2r-${seed}`, width: 4, pauseMs: PAUSE_MS, payees: emailsOf(crowd.payees) },
    );
    try {
      const settled = crowd.connected;
      await killInTurn(system, load, { victims: VICTIMS, rounds, seed, requests: 20, settled });
      const requests = await load.stop();
      assertNoUnexpectedErrors(requests);
      assertOneRetry(requests);
      await waitForEmptyOutbox(system);
      const messages = await assertMessages(system, crowd, idsOf(requests));
      await assertConsumers(system);
      const gaps = gapsOf(crowd);
      const figure =
        `${VICTIMS.length * rounds} kills, ${sockets} sockets, ${requests.length} payments ` +
        `(${errorCounts(requests)}), ` +
        `${messages} of ${messages} messages in order, none twice; ${gaps.figure}`;
      const away = short ? [] : await awayInEveryWay(system, crowd, seed);
      const figures = [figure, ...away].join('; ');
      if (gaps.longestMs > GAP_LIMIT_MS) throw new Error(figures);
      return figures;
    } finally {
      crowd.close();
    }
  },
};
