import { correctableClock } from './clock.ts';
import { keepTime } from './clock-sync.ts';
import { createLogger } from './logger.ts';
import { eventually } from '../testing/start-services.ts';

const log = createLogger({ level: 'silent' });
const MINUTES_MS = 60_000;

it.each([
  ['ten minutes behind', 10 * MINUTES_MS],
  ['ten minutes ahead', -10 * MINUTES_MS],
  ['a second behind', 1_000],
])('a clock that is %s is put right', async (_how, offsetMs) => {
  const clock = correctableClock();
  const stop = await keepTime(clock, { name: 'test', ask: async () => Date.now() + offsetMs }, log);
  stop();
  expect(Math.abs(clock.nowMs() - Date.now() - offsetMs)).toBeLessThan(100);
});

it('a clock that agrees within what a network takes is left alone', async () => {
  const clock = correctableClock();
  const stop = await keepTime(clock, { name: 'test', ask: async () => Date.now() + 200 }, log);
  stop();
  expect(Math.abs(clock.nowMs() - Date.now())).toBeLessThan(20);
});

it('without an answer the clock goes on as it is, and is put right with the first one', async () => {
  const clock = correctableClock();
  let asked = 0;
  const ask = async (): Promise<number> => {
    if (++asked < 3) throw new Error('away');
    return Date.now() + MINUTES_MS;
  };
  const stop = await keepTime(clock, { name: 'test', ask }, log);
  expect(Math.abs(clock.nowMs() - Date.now())).toBeLessThan(20);
  await eventually(() => clock.nowMs() - Date.now() > MINUTES_MS - 1_000);
  stop();
});
