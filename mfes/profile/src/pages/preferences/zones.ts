import { isTimeZone } from '../../../../../shared/contracts/time-zones.ts';

export type Option = { value: string; label: string };

/** How far a zone is from UTC now, `UTC+5:30`. */
const offsetOf = (timeZone: string, nowMs: number): string => {
  const format = new Intl.DateTimeFormat('en', { timeZone, timeZoneName: 'shortOffset' });
  const name = format.formatToParts(nowMs).find(({ type }) => type === 'timeZoneName')?.value ?? '';
  return name.replace('GMT', 'UTC');
};

const labelOf = (zone: string, nowMs: number): string =>
  zone === 'UTC' ? zone : `${zone.replaceAll('_', ' ')} (${offsetOf(zone, nowMs)})`;

/**
 * The device's own zone, UTC, and all others by name, each with its distance from UTC.
 * @param chosen stays among them also where this browser does not list it
 */
export const zoneOptions = (chosen: string, nowMs: number): Option[] => {
  const own = new Intl.DateTimeFormat().resolvedOptions().timeZone;
  const names = new Set(['UTC', ...Intl.supportedValuesOf('timeZone').filter(isTimeZone)]);
  if (chosen !== 'system' && isTimeZone(chosen)) names.add(chosen);
  return [
    { value: 'system', label: `As this device: ${labelOf(own, nowMs)}` },
    ...[...names].map((zone) => ({ value: zone, label: labelOf(zone, nowMs) })),
  ];
};
