import type { SettingStates } from '../../shared/contracts/admin/settings.ts';
import { realtime } from '../../shared/contracts/realtime.ts';
import { ADMIN, type Person, registerMany, signIn } from '../system/accounts.ts';
import type { Answer, Api } from '../system/client.ts';
import { percentile } from '../system/statistics.ts';
import { inParallel, until } from '../system/timing.ts';
import { endpointsOf } from './crowd.ts';
import type { StackFault } from './fault.ts';
import { payment } from './load.ts';
import { connectSocket, type SocketClient } from './socket-client.ts';
import type { System } from './system.ts';

/** Services and pages obey a change within this time. */
const OBEYED_LIMIT_MS = 2_000;
const SOCKETS = 20;
const WORKERS = 4;
/** So many refusals in a row of each worker reach every replica. */
const REFUSED_IN_A_ROW = 15;

type Stage = { system: System; admin: Api; payers: readonly Person[]; sockets: readonly SocketClient[] };

/** Stops payments or starts them again. @returns when it was answered */
const setStopped = async ({ admin }: Stage, value: boolean, at: number): Promise<number> => {
  const { paymentsStopped } = JSON.parse((await admin.get('/api/admin/settings', at)).text) as SettingStates;
  const body = { value, version: paymentsStopped.version, reason: 'A fault test' };
  const { status, text } = await admin.send('PUT', '/api/admin/settings/paymentsStopped', body, at);
  if (status !== 200) throw new Error(`a change of a setting was answered ${status}: ${text}`);
  return Date.now();
};

type Outcome = { answer: Answer; is: 'accepted' | 'stopped' | 'unavailable' };

/** Pays once; a busy system may also say that it is unavailable. */
const payOnce = async ({ system }: Stage, { api }: Person, key: string, at: number): Promise<Outcome> => {
  const answer = await api.post('/api/payments', payment(1_234), { 'idempotency-key': key }, at);
  const { status, body, retryAfter, text } = answer;
  if (status === 201) {
    system.ack(key, String(body['id']), status);
    return { answer, is: 'accepted' };
  }
  if (retryAfter === null || status < 503) throw new Error(`a payment was answered ${status}: ${text}`);
  return { answer, is: body['code'] === 'payments_stopped' ? 'stopped' : 'unavailable' };
};

type Obeyed = { refusedMs: number; noticedMs: number; againMs: number };

/** Pays without a pause, stops payments, and starts them again once every worker is refused. */
const stopUnderLoad = async (stage: Stage, label: string, at: number): Promise<Obeyed> => {
  const { payers, sockets } = stage;
  let [changedMs, lastAcceptedMs, accepted] = [Infinity, 0, 0];
  const inARow: number[] = Array(WORKERS).fill(0);
  const isRefused = () => inARow.every((count) => count >= REFUSED_IN_A_ROW);
  const paying = inParallel(WORKERS, WORKERS, async (worker) => {
    for (let count = 0; !isRefused(); count++) {
      const [payer, sentMs] = [payers[worker % payers.length] as Person, Date.now()];
      const { is } = await payOnce(stage, payer, `${label}-${worker}-${count}`, at + count);
      inARow[worker] = is === 'stopped' ? (inARow[worker] ?? 0) + 1 : 0;
      if (is !== 'accepted') continue;
      accepted++;
      lastAcceptedMs = Math.max(lastAcceptedMs, sentMs);
      if (sentMs - changedMs > OBEYED_LIMIT_MS) throw new Error('a payment was accepted after the limit');
    }
  });
  const change = async () => {
    await until('payments are accepted', 5_000, () => accepted >= WORKERS);
    const askedMs = Date.now();
    changedMs = await setStopped(stage, true, at);
    const { name } = realtime.messages.settingsChanged;
    const noticeOf = ({ notices }: SocketClient) =>
      notices.find((notice) => notice.name === name && notice.atMs >= askedMs);
    await until('every socket has its notice', OBEYED_LIMIT_MS, () => sockets.every(noticeOf));
    return Math.max(...sockets.map((socket) => noticeOf(socket)?.atMs ?? 0));
  };
  const [noticedAtMs] = await Promise.all([change(), paying]);
  const startedMs = await setStopped(stage, false, at + 1);
  let tries = 0;
  await until('payments are accepted again', OBEYED_LIMIT_MS, async () => {
    const key = `${label}-again-${tries}`;
    return (await payOnce(stage, payers[0] as Person, key, tries++)).is === 'accepted';
  });
  return {
    refusedMs: Math.max(0, lastAcceptedMs - changedMs),
    noticedMs: Math.max(0, noticedAtMs - changedMs),
    againMs: Date.now() - startedMs,
  };
};

const isRefused = async (stage: Stage, key: string, at: number): Promise<boolean> =>
  (await payOnce(stage, stage.payers[0] as Person, key, at)).is === 'stopped';

const refusesWithoutAdmin = async (stage: Stage, label: string, before: Outcome): Promise<void> => {
  const { system, payers } = stage;
  const payer = payers[0] as Person;
  for (const name of ['payments-1', 'payments-2']) await system.signal(name, 'SIGKILL');
  await until('payments answer again', 20_000, async () => {
    const { status } = await payer.api.get('/api/payments?limit=1');
    return status === 200;
  });
  for (let at = 0; at < 2 * REFUSED_IN_A_ROW; at++) {
    const { is } = await payOnce(stage, payer, `${label}-without-${at}`, at);
    if (is === 'accepted') throw new Error('a payment was accepted');
  }
  const { answer } = await payOnce(stage, payer, `${label}-before`, 1);
  if (!answer.replayed || answer.text !== before.answer.text) throw new Error('a key lost its answer');
};

/** Stops payments, then admin, and kills every process of payments: their copy of the setting is obeyed. */
const withoutAdmin = async (stage: Stage, label: string): Promise<string> => {
  const { system, payers } = stage;
  const payer = payers[0] as Person;
  const before = await payOnce(stage, payer, `${label}-before`, 0);
  await setStopped(stage, true, 0);
  let tries = 0;
  await until('payments are refused', OBEYED_LIMIT_MS, () => isRefused(stage, `${label}-stop-${tries++}`, 0));
  await system.stack.stop('admin-1');
  try {
    await refusesWithoutAdmin(stage, label, before);
  } finally {
    await system.stack.start('admin-1');
    await system.ready();
  }
  return 'without admin, after kill -9 of payments: refused, and a used key has its answer';
};

export const settings: StackFault = {
  on: 'stack',
  name: 'F18-settings',
  title: 'payments stopped under load (30 times, short: 5), as replicas and sockets obey; then without admin',
  run: async (system, { seed, short }) => {
    const label = `f18-${seed}-${Date.now()}`;
    const payers = await registerMany(system.urls, label, 'CUSTOMER', 4);
    const sockets = Array.from({ length: SOCKETS }, (_, first) =>
      connectSocket(endpointsOf(system), payers[first % payers.length] as Person, { first }),
    );
    const stage = { system, admin: await signIn(system.urls, ADMIN), payers, sockets };
    try {
      await until('every socket is connected', 20_000, () => sockets.every(({ from }) => from !== null));
      const all: Obeyed[] = [];
      for (let index = 0; index < (short ? 5 : 30); index++)
        all.push(await stopUnderLoad(stage, `${label}-${index}`, index));
      const figureOf = (key: keyof Obeyed) => {
        const took = all.map((one) => one[key]);
        return `p50 ${percentile(took, 0.5)}, worst ${Math.max(...took)} ms`;
      };
      const without = await withoutAdmin(stage, label);
      return (
        `payments stopped ×${all.length}: the last one accepted was sent ` +
        `${figureOf('refusedMs')} after the change; ${SOCKETS} sockets noticed: ` +
        `${figureOf('noticedMs')}; started again: ` +
        `${figureOf('againMs')}; ${without}`
      );
    } finally {
      for (const socket of sockets) socket.close();
      await setStopped(stage, false, 0);
    }
  },
};
