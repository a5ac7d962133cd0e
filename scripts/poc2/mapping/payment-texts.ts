import { holdsCardNumber } from '../../../shared/contracts/card-numbers.ts';
import { DESCRIPTION_MAX_LENGTH } from '../../../shared/contracts/payments.ts';
import { parseExactly } from '../../../shared/contracts/exact-json.ts';
import type { Notes } from './notes.ts';
import type { MappingOptions } from './table-mapping.ts';

const REMOVED = '[removed]';

/** Card numbers are stored nowhere: a text with one goes. */
const withoutCardNumber = (text: string, field: string, notes: Notes): string => {
  if (!holdsCardNumber(text)) return text;
  notes.mapped('card_number', `the ${field} has a card number and becomes ${REMOVED}`);
  return REMOVED;
};

export const descriptionOf = (
  given: string | null,
  { long }: MappingOptions,
  notes: Notes,
): string | null => {
  if (given === null) return null;
  const text = withoutCardNumber(given, 'description', notes);
  // Characters, as PostgreSQL counts them.
  if (text.length <= DESCRIPTION_MAX_LENGTH) return text;
  const characters = [...text];
  if (characters.length <= DESCRIPTION_MAX_LENGTH) return text;
  const over = `the description has ${characters.length} characters`;
  if (long !== 'cut') notes.refused('description_long', `${over}; --long cut cuts it`);
  else notes.mapped('description_long', `${over} and is cut after ${DESCRIPTION_MAX_LENGTH}`);
  return characters.slice(0, DESCRIPTION_MAX_LENGTH).join('');
};

const textOf = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/** Metadata as texts by name, which is what payments have; other values become their JSON. */
export const metadataOf = (json: string | null, notes: Notes): Record<string, string> => {
  if (json === null) return {};
  const given = parseExactly(json);
  if (given === null) return {};
  const isObject = typeof given === 'object' && !Array.isArray(given);
  const entries = Object.entries(isObject ? given : { value: given });
  if (!isObject || entries.some(([, value]) => typeof value !== 'string'))
    notes.mapped('metadata_not_text', 'values of the metadata that are no texts become their JSON');
  return Object.fromEntries(
    entries.map(([name, value]) => [name, withoutCardNumber(textOf(value), 'metadata', notes)]),
  );
};

const CODE = /^[a-z][a-z0-9_]{1,59}$/;
const ANY_FAILURE = 'payment_failed';

/** Why a payment failed, as a code; a sentence is kept in the metadata, which only the payer reads. */
export const failureOf = (reason: string | null, notes: Notes): { code: string; text: string | null } => {
  if (reason === null || reason.trim() === '') return { code: ANY_FAILURE, text: null };
  const code = reason
    .trim()
    .toLowerCase()
    .replaceAll(/[\s-]+/g, '_');
  if (CODE.test(reason) || (CODE.test(code) && code.split('_').length <= 3)) return { code, text: null };
  notes.mapped(
    'failure_text',
    `the reason is no code: it becomes ${ANY_FAILURE}, its text stays in metadata`,
  );
  return { code: ANY_FAILURE, text: withoutCardNumber(reason, 'failure reason', notes) };
};
