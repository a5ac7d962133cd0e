import { zoneOptions } from './zones.ts';

const WINTER = Date.parse('2026-01-15T12:00:00Z');
const SUMMER = Date.parse('2026-07-15T12:00:00Z');
const labelOf = (zone: string, nowMs: number) =>
  zoneOptions('system', nowMs).find(({ value }) => value === zone)?.label;

it('names each zone with its distance from UTC at this time of the year', () => {
  expect(labelOf('Europe/Berlin', WINTER)).toBe('Europe/Berlin (UTC+1)');
  expect(labelOf('Europe/Berlin', SUMMER)).toBe('Europe/Berlin (UTC+2)');
  expect(labelOf('UTC', SUMMER)).toBe('UTC');
  expect(labelOf('America/Argentina/Rio_Gallegos', WINTER)).toBe('America/Argentina/Rio Gallegos (UTC-3)');
});

it('begins with the zone of the device, and keeps a chosen one that browsers do not list', () => {
  const options = zoneOptions('Etc/GMT+5', WINTER);
  expect(options[0]?.label).toMatch(/^As this device: /);
  expect(options.map(({ value }) => value)).toContain('Etc/GMT+5');
  expect(new Set(options.map(({ value }) => value)).size).toBe(options.length);
});
