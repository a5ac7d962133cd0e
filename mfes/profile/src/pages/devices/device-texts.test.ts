import type { Session } from '../../../../../shared/contracts/auth/sessions.ts';
import { apart, changeSentence, countSentence, endedSentence, useSentences } from './device-texts.ts';

const session = (id: string, createdAt: string, change: Partial<Session> = {}): Session => ({
  id: `ses_${id}` as Session['id'],
  current: false,
  name: null,
  device: `Browser ${id}`,
  kind: 'desktop',
  address: null,
  method: 'password',
  createdAt: `2026-11-${createdAt}T09:00:00.000Z`,
  lastSeenAt: `2026-11-${createdAt}T09:00:00.000Z`,
  expiresAt: '2026-12-31T09:00:00.000Z',
  ...change,
});
const a = session('a', '01', { current: true });
const b = session('b', '02');
const c = session('c', '03');
const d = session('d', '04');

test('when and where it was used distinguishes a device', () => {
  const nowMs = Date.parse('2026-11-03T12:00:00.000Z');
  const used = useSentences(
    { ...c, lastSeenAt: '2026-11-03T11:30:00.000Z', address: '192.0.2.7' },
    'en-GB',
    nowMs,
  );
  expect(used).toMatch(/^Last used today, \d\d:30, from 192\.0\.2\.7\. Signed in today, \d\d:00\.$/);
  expect(useSentences(c, 'en-GB', nowMs)).toContain(', from an unknown address.');
});

describe('a list of devices', () => {
  it('stands apart into this device and the others, in the order in which it came', () => {
    expect(apart([c, a, b])).toEqual({ current: a, others: [c, b] });
    expect(apart([c, b])).toEqual({ current: undefined, others: [c, b] });
  });

  it.each([
    [0, false, 'No other device is signed in.'],
    [1, false, '1 other device signed in.'],
    [3, false, '3 other devices signed in.'],
    [24, true, 'More than 24 other devices signed in.'],
    [0, true, ''],
  ])('of %d others, going on: %s, says so', (others, more, sentence) => {
    expect(countSentence(others, more)).toBe(sentence);
  });

  it.each([
    [0, 'No other device was signed in.'],
    [1, '1 device was signed out.'],
    [2, '2 devices were signed out.'],
  ])('says that %d were signed out', (ended, sentence) => {
    expect(endedSentence(ended)).toBe(sentence);
  });
});

describe('the announcement of changes in a list', () => {
  it.each([
    ['nothing where all is as it was', [a, b], [a, b], false, ''],
    ['nothing where only the order changed', [a, b, c], [c, a, b], false, ''],
    ['who came', [a, b], [c, a, b], false, 'Browser c was signed in.'],
    ['who went', [a, b, c], [a, c], false, 'Browser b was signed out.'],
    ['how many went', [a, b, c], [a], false, '2 devices were signed out.'],
    ['both', [a, b], [c, d, a], false, '2 devices were signed in. Browser b was signed out.'],
    ['not of who moved beyond the end', [a, b], [d, a], true, 'Browser d was signed in.'],
    ['not of who moved in from beyond the end', [a, d], [a, b], false, 'Browser d was signed out.'],
  ])('%s', (_, before, after, goesOn, sentence) => {
    expect(changeSentence(before, after, goesOn)).toBe(sentence);
  });
});
