import { clockText, dayText, exactText, momentText, type Reading } from './times.ts';

/** A Monday. */
const NOW_MS = Date.parse('2026-11-23T12:00:00.000Z');
const reading: Reading = { locale: 'en-GB', nowMs: NOW_MS, timeZone: 'UTC' };
const spaced = (text: string): string => text.replaceAll(/\s/g, ' ');

describe('a time', () => {
  it.each([
    ['2026-11-23T23:59:59.000Z', 'Today, 23:59'],
    ['2026-11-23T00:00:00.000Z', 'Today, 00:00'],
    ['2026-11-22T23:59:59.000Z', 'Yesterday, 23:59'],
    ['2026-11-22T00:00:00.000Z', 'Yesterday, 00:00'],
    ['2026-11-21T23:59:59.000Z', 'Saturday, 23:59'],
    ['2026-11-17T00:00:00.000Z', 'Tuesday, 00:00'],
    ['2026-11-16T23:59:59.000Z', '16 Nov 2026, 23:59'],
    ['2025-11-23T14:05:00.000Z', '23 Nov 2025, 14:05'],
    ['2026-11-24T00:00:00.000Z', 'Tomorrow, 00:00'],
    ['2026-11-25T00:00:00.000Z', '25 Nov 2026, 00:00'],
  ])('%s is %s', (at, text) => {
    expect(momentText(at, reading)).toBe(text);
    expect([dayText(at, reading), clockText(at, reading)].join(', ')).toBe(text);
  });

  it('is shown in the reader’s zone, whose day may be another', () => {
    const at = '2026-11-22T23:30:00.000Z';
    expect(momentText(at, { ...reading, timeZone: 'Europe/Berlin' })).toBe('Today, 00:30');
    expect(momentText(at, { ...reading, timeZone: 'America/New_York' })).toBe('Yesterday, 18:30');
  });

  it('counts days of the calendar, also over a change of summer time', () => {
    const berlin = { ...reading, timeZone: 'Europe/Berlin', nowMs: Date.parse('2026-03-29T21:59:00.000Z') };
    expect(dayText('2026-03-28T23:00:00.000Z', berlin)).toBe('Today');
    expect(dayText('2026-03-28T22:59:00.000Z', berlin)).toBe('Yesterday');
  });

  it.each([
    ['en-US', 'Yesterday, 2:05 PM', 'Nov 12, 2026, 2:05 PM'],
    ['en-IN', 'Yesterday, 2:05 pm', '12 Nov 2026, 2:05 pm'],
    ['de-DE', 'Yesterday, 14:05', '12 Nov 2026, 14:05'],
    ['fr', 'Yesterday, 14:05', '12 Nov 2026, 14:05'],
    ['ja-JP', 'Yesterday, 14:05', 'Nov 12, 2026, 14:05'],
    // These have other digits and calendars at home.
    ['ar-EG', 'Yesterday, 2:05 PM', 'Nov 12, 2026, 2:05 PM'],
    ['th-TH', 'Yesterday, 14:05', 'Nov 12, 2026, 14:05'],
  ])('has English words, in the order and with the hours of %s', (locale, yesterday, earlier) => {
    const read = (at: string) => spaced(momentText(at, { ...reading, locale }));
    expect(read('2026-11-22T14:05:00.000Z')).toBe(yesterday);
    expect(read('2026-11-12T14:05:00.000Z')).toBe(earlier);
  });

  it('begins with a small letter within a sentence, but for names', () => {
    const within = { ...reading, inSentence: true };
    expect(momentText('2026-11-23T14:05:00.000Z', within)).toBe('today, 14:05');
    expect(momentText('2026-11-21T14:05:00.000Z', within)).toBe('Saturday, 14:05');
  });

  it('has seconds where events follow each other quickly', () => {
    expect(momentText('2026-11-23T14:05:09.000Z', { ...reading, seconds: true })).toBe('Today, 14:05:09');
  });

  it('is written in full with its zone', () => {
    expect(exactText('2026-11-23T14:05:09.000Z', { locale: 'en-GB', timeZone: 'UTC' })).toBe(
      'Monday, 23 November 2026 at 14:05:09 UTC',
    );
  });
});
