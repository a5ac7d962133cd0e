import fc from 'fast-check';
import { EXPORT_SECTIONS } from '../../../shared/contracts/profile/data-export.ts';
import { FORMAT, textOf, type SectionPage } from './export-text.ts';

const requestedAt = new Date('2026-11-23T09:30:00.000Z');

const countIn = (pages: readonly SectionPage[]): number =>
  pages.reduce((sum, page) => sum + ('items' in page ? page.items.length : 0), 0);

/** Each section's pages, put together as the file is. */
const fileOf = (sections: readonly SectionPage[][]): string =>
  EXPORT_SECTIONS.flatMap((name, section) =>
    (sections[section] ?? []).map((page, index) =>
      textOf(name, page, {
        isFirst: index === 0,
        itemsBefore: countIn((sections[section] ?? []).slice(0, index)),
        requestedAt,
      }),
    ),
  ).join('');

/** A list in pages, of which some are empty. */
const pagesOf = (lists: readonly unknown[][]): SectionPage[] =>
  lists.map((items, index) => ({ items, nextCursor: index === lists.length - 1 ? null : String(index) }));

it('is one JSON object, whatever the pages of its lists are', () => {
  const lists = fc.array(fc.array(fc.jsonValue(), { maxLength: 3 }), { minLength: 1, maxLength: 4 });
  fc.assert(
    fc.property(
      fc.jsonValue(),
      lists,
      fc.jsonValue(),
      lists,
      lists,
      (account, sessions, given, notes, paid) => {
        const text = fileOf([
          [{ value: account }],
          pagesOf(sessions),
          [{ value: given }],
          pagesOf(notes),
          pagesOf(paid),
        ]);
        expect(JSON.parse(text)).toEqual({
          format: FORMAT,
          requestedAt: requestedAt.toISOString(),
          account: JSON.parse(JSON.stringify(account)),
          sessions: JSON.parse(JSON.stringify(sessions.flat())),
          profile: JSON.parse(JSON.stringify(given)),
          notifications: JSON.parse(JSON.stringify(notes.flat())),
          payments: JSON.parse(JSON.stringify(paid.flat())),
        });
      },
    ),
  );
});
