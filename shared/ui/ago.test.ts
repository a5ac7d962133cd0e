import { ago } from './ago.ts';

const NOW_MS = Date.parse('2026-11-23T12:00:00.000Z');

describe('how long ago something was', () => {
  it.each([
    ['2026-11-23T11:59:01.000Z', 'just now'],
    ['2026-11-23T11:59:00.000Z', '1 minute ago'],
    ['2026-11-23T11:01:00.000Z', '59 minutes ago'],
    ['2026-11-23T11:00:00.000Z', '1 hour ago'],
    ['2026-11-22T12:00:01.000Z', '23 hours ago'],
    ['2026-11-22T12:00:00.000Z', '1 day ago'],
    ['2026-11-16T12:00:01.000Z', '6 days ago'],
  ])('%s is %s', (at, words) => {
    expect(ago(at, NOW_MS)).toBe(words);
  });

  it('is left to the date after a week', () => {
    expect(ago('2026-11-16T12:00:00.000Z', NOW_MS)).toBeNull();
  });

  it('is now where our clock is behind the server’s', () => {
    expect(ago('2026-11-23T12:05:00.000Z', NOW_MS)).toBe('just now');
  });
});
