import { GraphQLFloat, GraphQLInt, GraphQLScalarType, GraphQLString } from 'graphql';
import type * as z from 'zod/mini';
import { NAMED_SCHEMAS } from '../../../shared/contracts/documentation/schemas.ts';
import { dayOrInstant, instant, wholeDay } from '../../../shared/contracts/fields.ts';

/** Values pass as they are: the contract's schema reads them, so that both entry points refuse alike. */
const scalar = (name: string, description: string): GraphQLScalarType =>
  new GraphQLScalarType({ name, description });

export const TIME = scalar(
  'Time',
  'A time in UTC as ISO 8601 with milliseconds: `2026-11-23T09:30:00.000Z`.',
);
const BY_SCHEMA = new Map<unknown, GraphQLScalarType>([
  [instant, TIME],
  [dayOrInstant, scalar('DayOrTime', 'A day, which is its midnight in UTC, or a UTC time.')],
  [wholeDay, scalar('Day', 'A day of a calendar: `2026-11-23`.')],
]);
const MINOR_UNITS = scalar('MinorUnits', 'An amount in minor units (cents, yen, fils): a safe integer.');
export const SAFE_INTEGER = scalar('SafeInteger', 'A whole number from -(2^53 - 1) to 2^53 - 1.');
export const JSON_VALUE = scalar('Json', 'Any JSON value, such as an object with free keys.');

const INT_MAX = 2 ** 31 - 1;
/** An amount by the name of its field; in settings, fields are currencies. */
const AMOUNT = /\bamount(?:Min|Max)$|Minor$|Amounts\.[A-Z]{3}$/;

type Check = { _zod: { def: { check: string; value: number } } };

const numberType = (schema: z.ZodMiniType, owner: string): GraphQLScalarType => {
  const { format, checks = [] } = schema._zod.def as { format?: string; checks?: Check[] };
  if (AMOUNT.test(owner)) return MINOR_UNITS;
  if (format !== 'safeint') return GraphQLFloat;
  const bounds = checks.map(({ _zod: { def } }) => def);
  const isBound = (kind: string, fits: (value: number) => boolean) =>
    bounds.some(({ check, value }) => check === kind && fits(value));
  const fits =
    isBound('greater_than', (value) => value >= -INT_MAX) &&
    isBound('less_than', (value) => value <= INT_MAX);
  return fits ? GraphQLInt : SAFE_INTEGER;
};

/** Scalars for schemas of text and numbers; each named one, such as an id, has its own. */
export const scalarsOf = () => {
  const byName = new Map<string, GraphQLScalarType>();
  /** @param owner says of numbers whether they are amounts */
  return (schema: z.ZodMiniType, owner: string): GraphQLScalarType | null => {
    const known = BY_SCHEMA.get(schema);
    if (known) return known;
    const { type } = schema._zod.def;
    if (type === 'number') return numberType(schema, owner);
    if (type !== 'string') return null;
    const named = NAMED_SCHEMAS.get(schema);
    if (!named) return GraphQLString;
    const made = byName.get(named.id) ?? scalar(named.id, named.description);
    byName.set(named.id, made);
    return made;
  };
};
