import { noteMessage, traceparentFor } from './traces.ts';

const message = (traceparent: string, payload: unknown) => ({
  ...{ seq: 1, at: '2026-11-30T09:00:00.000Z', name: 'realtime.paymentChanged' },
  payload,
  traceparent,
});
const NEW = /^00-([0-9a-f]{16})([0-9a-f]{16})-\2-00$/;

it('each act of a user has a trace of its own', () => {
  const [one, two] = [traceparentFor(false, {}), traceparentFor(true, { id: 'pay_1' })];
  expect([one, two]).toEqual([expect.stringMatching(NEW), expect.stringMatching(NEW)]);
  expect(one).not.toBe(two);
});

it('a read of what a message is about, and of a list, belongs to the trace of the message', () => {
  const [first, second] = ['1', '2'].map((digit) => `00-${digit.repeat(32)}-${'a'.repeat(16)}-00`);
  noteMessage(message(first!, { id: 'pay_1' }));
  noteMessage(message(second!, { id: 'pay_2' }));
  expect(traceparentFor(true, { id: 'pay_1' })).toBe(first);
  expect(traceparentFor(true, { id: 'pay_2' })).toBe(second);
  expect(traceparentFor(true, { limit: 20 })).toBe(second);
  expect(traceparentFor(true, { id: 'pay_3' })).toMatch(NEW);
  expect(traceparentFor(false, { id: 'pay_1' })).toMatch(NEW);
});
