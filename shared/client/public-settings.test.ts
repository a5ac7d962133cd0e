import type { PublicSettings } from '../contracts/admin/settings.ts';
import { realtime } from '../contracts/realtime.ts';
import type { Client } from './client.ts';
import type { LiveState } from './host.ts';
import { REREAD } from './on-message.ts';
import { watchPublicSettings, type SettingsWatch } from './public-settings.ts';
import { eventually } from './testing/tabs.ts';

const NEVER_MS = 3_600_000;
const OPEN: PublicSettings = { paymentsStopped: false, signUpsStopped: false, largestAmounts: {} };
const CHANGED = realtime.messages.settingsChanged.name;
const page = { hidden: false };
Object.assign(globalThis, { document: page });

let watch: SettingsWatch;
beforeEach(() => (page.hidden = false));
afterEach(() => watch.stop());

/** A watch over a server that fails its first reads. */
const stage = ({ failures = 0, state = 'connected' as LiveState, askEveryMs = NEVER_MS } = {}) => {
  const listeners = new Map<string, (payload?: unknown) => void>();
  const seen: PublicSettings[] = [];
  let reads = 0;
  const call = async () => {
    if (++reads <= failures) throw new Error('lost');
    return OPEN;
  };
  const on = (name: string, listener: (payload?: unknown) => void) => {
    listeners.set(name, listener);
    return () => listeners.delete(name);
  };
  const host = { client: { call } as unknown as Client, live: { on, state: () => state }, on };
  watch = watchPublicSettings(host, (settings) => seen.push(settings), { askEveryMs, collectMs: 20 });
  return { seen, reads: () => reads, send: (name: string) => listeners.get(name)?.({}) };
};

it('makes up for reads that failed, also while the socket is connected', async () => {
  const { seen, reads } = stage({ failures: 1, askEveryMs: 700 });
  // With the next turn, not with the fourth.
  await eventually(() => seen.length > 0, 2_000);
  expect(reads()).toBe(2);
});

it('reads from time to time with the socket too, which may have been full when a notice came', async () => {
  const { seen } = stage({ askEveryMs: 5 });
  await eventually(() => seen.length > 2);
});

it('asks nothing by itself while the page is hidden', async () => {
  page.hidden = true;
  const { reads, send } = stage({ failures: 1, state: 'offline', askEveryMs: 1 });
  send(CHANGED);
  await eventually(() => reads() > 1);
  expect(reads()).toBe(2);
});

it('reads once for what comes together, as when the socket is back', async () => {
  const { reads, send } = stage();
  for (const name of ['live', REREAD, CHANGED]) send(name);
  expect(reads()).toBe(1);
  await eventually(() => reads() > 1);
  expect(reads()).toBe(2);
  send(CHANGED);
  await eventually(() => reads() === 3);
});

it('reads nothing more after it was stopped', async () => {
  const { seen, reads, send } = stage({ failures: 1, askEveryMs: 1 });
  send(CHANGED);
  watch.stop();
  // Longer than both timers.
  const later = stage();
  later.send(CHANGED);
  await eventually(() => later.reads() === 2);
  expect([reads(), seen]).toEqual([1, []]);
});
