import { EXPORT_SECTIONS } from '../../../shared/contracts/profile/data-export.ts';

export type SectionName = (typeof EXPORT_SECTIONS)[number];

/** A page of a section: one value, or some of the items of a list. */
export type SectionPage = { value: unknown } | { items: readonly unknown[]; nextCursor: string | null };

export const FORMAT = 'payloom-data-1';

const linesOf = (items: readonly unknown[]): string => items.map((item) => JSON.stringify(item)).join(',\n');

/**
 * The piece of the file that a page makes. All pieces in order are one JSON object, a member for each
 * section.
 * @param place.isFirst whether the page is the section's first one
 * @param place.itemsBefore how many items the pages of the section before it had
 */
export const textOf = (
  name: SectionName,
  page: SectionPage,
  place: { isFirst: boolean; itemsBefore: number; requestedAt: Date },
): string => {
  const { isFirst, itemsBefore, requestedAt } = place;
  const start =
    name === EXPORT_SECTIONS[0]
      ? `{"format":${JSON.stringify(FORMAT)},"requestedAt":${JSON.stringify(requestedAt)}`
      : '';
  const end = name === EXPORT_SECTIONS.at(-1) ? '}\n' : '';
  if ('value' in page) return `${start},\n${JSON.stringify(name)}:${JSON.stringify(page.value)}${end}`;
  const lines = linesOf(page.items);
  const opening = isFirst ? `,\n${JSON.stringify(name)}:[` : '';
  const comma = itemsBefore > 0 && lines !== '' ? ',' : '';
  return `${start}${opening}${comma}\n${lines}${page.nextCursor === null ? `\n]${end}` : ''}`;
};
