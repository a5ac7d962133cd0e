import { seeded, sleep, until } from './client.ts';
import { gapsOf, gather, insistOnMessages, endpointsOf, type Crowd } from './crowd.ts';
import { insistOnConsumers, insistOnEmptyOutbox } from './events.ts';
import type { StackFault } from './fault.ts';
import { insistOnManners, insistOnOneRetry, pay, startLoad, troubles, type Request } from './load.ts';
import { startProxy, type Proxy } from './proxy.ts';
import type { System } from './system.ts';
import { watch, type Watcher } from './watcher.ts';

const VICTIMS = ['realtime-1', 'gateway-1', 'realtime-2', 'gateway-2'] as const;
/** 22 payments a second to 100 sockets are all that two cores can do, with nothing left for a new process. */
const PAUSE_MS = 250;
const GAP_LIMIT_MS = 5_000;
const CUT_MS = 30_000;
const WHILE_AWAY = 50;

const idsOf = (requests: readonly Request[]): string[] =>
  requests.filter(({ kind }) => kind === 'POST').map(({ answer }) => String(answer.body['id']));

const emailsOf = (people: Crowd['payees']): string[] => people.map(({ email }) => email);

/** Under load every victim in turn dies, is ready again, and every socket is open again. */
const killAll = async (
  system: System,
  crowd: Crowd,
  load: { requests: readonly Request[] },
  { seed, rounds }: { seed: number; rounds: number },
): Promise<void> => {
  const random = seeded(seed);
  for (let round = 0; round < rounds; round++) {
    for (const victim of VICTIMS) {
      const before = load.requests.length;
      await until('the load runs', 10_000, () => load.requests.length > before + 20);
      await sleep(random() * 200);
      await system.signal(victim, 'SIGKILL');
      await system.ready();
      await crowd.connected();
    }
  }
};

/** Fifty payments while sockets are away; every message of them is there once they are back. */
const payWhileAway = async (
  system: System,
  crowd: Crowd,
  label: string,
  away: (paid: Promise<unknown>) => Promise<unknown>,
): Promise<string> => {
  const before = new Map(crowd.watchers.map((one) => [one, one.messages.length]));
  const ids: string[] = [];
  const payAll = async () => {
    for (let index = 0; index < WHILE_AWAY; index++) {
      const payer = crowd.payers[index % crowd.payers.length];
      const payee = crowd.payees[index % crowd.payees.length];
      if (!payer || !payee) throw new Error('nobody is there');
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
  await insistOnMessages(system, crowd, ids);
  const count = crowd.watchers.reduce((sum, one) => sum + one.messages.length - (before.get(one) ?? 0), 0);
  return `${ids.length} payments, ${count} of ${count} messages in order, none twice`;
};

/** A crowd of few whose connections all go through one cable, which is cut. */
const cutCable = async (system: System, seed: number): Promise<string> => {
  const port = Number(new URL(system.urls[0] ?? '').port);
  const cable: Proxy = await startProxy(port);
  const crowd = await gather(system, { label: `f2r-${seed}-cut`, each: 2, sockets: 0 });
  const places = { ...endpointsOf(system), urls: [`http://127.0.0.1:${cable.port}`] };
  const people = [...crowd.payers, ...crowd.payees];
  const watchers: Watcher[] = people.map((person) => watch(places, person));
  const cut: Crowd = { ...crowd, watchers };
  try {
    await until('the sockets are open', 10_000, () => watchers.every(({ lostMs }) => lostMs === null));
    let how = '';
    const said = await payWhileAway(system, cut, `f2r-${seed}-cut`, async () => {
      how = cable.partition();
      await sleep(CUT_MS);
      cable.heal();
      await until('the sockets are open', 30_000, () => watchers.every(({ lostMs }) => lostMs === null));
    });
    return `${CUT_MS / 1_000} s of ${how}: ${said}`;
  } finally {
    for (const one of watchers) one.close();
    await cable.close();
  }
};

/** Everything that is promised to those who were away, each way to be away in turn. */
const awayInEveryWay = async (system: System, crowd: Crowd, seed: number): Promise<string[]> => {
  const restarted = (service: string) => async () => system.stack.restart(service);
  const ways = { 'restart of realtime': 'realtime', 'restart of the gateways': 'gateway' };
  const said: string[] = [];
  for (const [name, service] of Object.entries(ways))
    said.push(`${name}: ${await payWhileAway(system, crowd, `f2r-${seed}-${service}`, restarted(service))}`);
  said.push(await cutCable(system, seed));
  return said;
};

export const killRealtime: StackFault = {
  on: 'stack',
  name: 'F2-kill-realtime',
  title: 'kill -9 of realtime and gateways in turn under 100 sockets (short: 40) of payers and payees',
  short: false,
  run: async (system, { seed, short }) => {
    const rounds = short ? 1 : 3;
    const sockets = short ? 40 : 100;
    const crowd = await gather(system, { label: `f2r-${seed}-${Date.now()}`, each: short ? 8 : 20, sockets });
    const load = startLoad(
      system,
      crowd.payers.map(({ api }) => api),
      { label: `f2r-${seed}`, width: 4, pauseMs: PAUSE_MS, payees: emailsOf(crowd.payees) },
    );
    try {
      await killAll(system, crowd, load, { seed, rounds }).finally(() => load.stop().catch(() => undefined));
      const requests = await load.stop();
      insistOnManners(requests);
      insistOnOneRetry(requests);
      await insistOnEmptyOutbox(system);
      const messages = await insistOnMessages(system, crowd, idsOf(requests));
      await insistOnConsumers(system);
      const gaps = gapsOf(crowd);
      const figure =
        `${VICTIMS.length * rounds} kills, ${sockets} sockets, ${requests.length} payments ` +
        `(${troubles(requests)}), ` +
        `${messages} of ${messages} messages in order, none twice; ${gaps.figure}`;
      const away = short ? [] : await awayInEveryWay(system, crowd, seed);
      const said = [figure, ...away].join('; ');
      if (gaps.longestMs > GAP_LIMIT_MS) throw new Error(said);
      return said;
    } finally {
      crowd.close();
    }
  },
};
