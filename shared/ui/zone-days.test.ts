import fc from 'fast-check';
import { dayAt, startOfDay } from './zone-days.ts';

const iso = (ms: number): string => new Date(ms).toISOString();

it.each([
  ['Europe/Berlin', '2026-03-29', '2026-03-28T23:00:00.000Z'],
  ['Europe/Berlin', '2026-03-30', '2026-03-29T22:00:00.000Z'],
  ['Asia/Kolkata', '2026-11-23', '2026-11-22T18:30:00.000Z'],
  ['Pacific/Apia', '2026-11-23', '2026-11-22T11:00:00.000Z'],
  ['America/New_York', '2026-11-01', '2026-11-01T04:00:00.000Z'],
  ['America/New_York', '2026-11-02', '2026-11-02T05:00:00.000Z'],
  // Clocks go from midnight to one.
  ['America/Santiago', '2026-09-06', '2026-09-06T04:00:00.000Z'],
  ['UTC', '0026-03-31', '0026-03-31T00:00:00.000Z'],
])('in %s %s starts at %s', (zone, day, start) => {
  expect(iso(startOfDay(day, 0, zone))).toBe(start);
});

it('the day after the last one of a year is the first one of the next', () => {
  expect(iso(startOfDay('2026-12-31', 1, 'Asia/Tokyo'))).toBe('2026-12-31T15:00:00.000Z');
});

it('without a zone days are those of the device', () => {
  expect(startOfDay('2026-03-31', 0, undefined)).toBe(new Date(2026, 2, 31).getTime());
  expect(dayAt(new Date(2026, 2, 31, 12).getTime(), undefined)).toBe('2026-03-31');
});

const ZONES = ['Europe/Berlin', 'America/New_York', 'America/Santiago', 'Asia/Kathmandu', 'Pacific/Apia'];

it('a day starts with its own first second, and the second before belongs to the day before', () => {
  const days = fc.date({ min: new Date('2000-01-01'), max: new Date('2040-01-01'), noInvalidDate: true });
  fc.assert(
    fc.property(days, fc.constantFrom(...ZONES), (date, zone) => {
      const day = iso(date.getTime()).slice(0, 10);
      // Samoa had no 30 December 2011.
      fc.pre(day !== '2011-12-30');
      const start = startOfDay(day, 0, zone);
      expect(dayAt(start, zone)).toBe(day);
      expect(dayAt(start - 1_000, zone) < day).toBe(true);
    }),
  );
});
