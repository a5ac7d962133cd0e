import { correctableClock } from './clock.ts';
import { synchronizeClock } from './clock-sync.ts';
import { createLogger } from './logger.ts';
import { eventually } from '../testing/eventually.ts';

const log = createLogger({ level: 'silent' });
const MINUTES_MS = 60_000;

it.each([
  ['ten minutes behind', 10 * MINUTES_MS],
  ['ten minutes ahead', -10 * MINUTES_MS],
  ['a second behind', 1_000],
])('a clock that is %s is corrected', async (_how, offsetMs) => {
  const clock = correctableClock();
  const stop = await synchronizeClock(clock, { name: 'test', read: async () => Date.now() + offsetMs }, log);
  stop();
  expect(Math.abs(clock.nowMs() - Date.now() - offsetMs)).toBeLessThan(100);
});

it('an offset within the delay of a network is not corrected', async () => {
  const clock = correctableClock();
  const stop = await synchronizeClock(clock, { name: 'test', read: async () => Date.now() + 200 }, log);
  stop();
  expect(Math.abs(clock.nowMs() - Date.now())).toBeLessThan(20);
});

it('the clock is unchanged without an answer, and corrected with the first one', async () => {
  const clock = correctableClock();
  let reads = 0;
  const read = async (): Promise<number> => {
    if (++reads < 3) throw new Error('unreachable');
    return Date.now() + MINUTES_MS;
  };
  const stop = await synchronizeClock(clock, { name: 'test', read }, log);
  expect(Math.abs(clock.nowMs() - Date.now())).toBeLessThan(20);
  await eventually(() => clock.nowMs() - Date.now() > MINUTES_MS - 1_000);
  stop();
});
