import type { DataExport } from '../../../../../shared/contracts/profile/data-export.ts';

const UNITS = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;

/** `81 kB`, as the reader writes numbers. */
export const sizeText = (bytes: number, locale: string): string => {
  const power = Math.min(UNITS.length - 1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3));
  const options = { style: 'unit', unit: UNITS[power], unitDisplay: 'short' } as const;
  return new Intl.NumberFormat(locale, { ...options, maximumFractionDigits: power > 1 ? 1 : 0 }).format(
    bytes / 1_000 ** power,
  );
};

const SECTIONS = ['your account', 'your sessions', 'your profile', 'your notifications', 'your payments'];

/** What is being collected. */
export const progressText = ({ sectionsDone, items }: DataExport, locale: string): string => {
  const what = SECTIONS[sectionsDone] ?? 'the rest';
  return `Collecting ${what}: ${items.toLocaleString(locale)} ${items === 1 ? 'entry' : 'entries'} so far.`;
};
