import { isTimeZone } from './time-zones.ts';

it.each(['UTC', 'Europe/Berlin', 'America/Argentina/Buenos_Aires', 'Etc/GMT+5', 'Asia/Kolkata'])(
  '%s is a time zone',
  (name) => expect(isTimeZone(name)).toBe(true),
);

it.each(['', 'system', '+01:00', 'Europe/Nowhere', '../etc/passwd', 'Europe/Berlin ', `A${'a'.repeat(80)}`])(
  '%j is none',
  (name) => expect(isTimeZone(name)).toBe(false),
);

it('every zone that browsers offer is one', () => {
  expect(Intl.supportedValuesOf('timeZone').filter((name) => !isTimeZone(name))).toEqual([]);
});
