import * as z from 'zod/mini';
import { readCursor, writeCursor } from '../../../broker/postgres/cursors.ts';
import type { AdminDeadLetter } from '../../../shared/contracts/admin/dead-letters.ts';
import type { AdminAction } from '../admin.ts';
import { allLetters, toDeadLetter } from '../dead-letters/letters.ts';

type Filters = { service?: string; event?: string; q?: string };

const matches = (letter: AdminDeadLetter, { service, event, q }: Filters): boolean => {
  if (service !== undefined && letter.service !== service) return false;
  if (event !== undefined && letter.event !== event) return false;
  if (q === undefined) return true;
  const texts = [letter.id, letter.event, letter.cause, letter.requestId ?? ''];
  return texts.some((text) => text.toLowerCase().includes(q.toLowerCase()));
};

const positionOf = ({ lastFailureAt, firstFailureAt, id }: AdminDeadLetter): string =>
  `${lastFailureAt ?? firstFailureAt ?? ''} ${id}`;

export const deadLetters: AdminAction<'deadLetters'> = async (service, call) => {
  const { limit, cursor, ...filters } = call.params;
  const after = cursor === undefined ? null : readCursor(cursor, z.tuple([z.string()]))[0];
  const all = await allLetters(service);
  const found = all
    .flatMap(({ items }) => items.map(toDeadLetter))
    .filter((letter) => matches(letter, filters as Filters))
    .sort((a, b) => (positionOf(a) < positionOf(b) ? 1 : -1));
  const rest = after === null ? found : found.filter((letter) => positionOf(letter) < after);
  const items = rest.slice(0, limit);
  const last = items.at(-1);
  return {
    items,
    nextCursor: last && rest.length > limit ? writeCursor([positionOf(last)]) : null,
    matches: found.length,
    services: all.map(({ service: name, dead, reachable }) => ({ service: name, dead, reachable })),
  };
};
