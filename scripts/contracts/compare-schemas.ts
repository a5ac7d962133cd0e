/** A JSON Schema, as far as contracts use it. */
export type Schema = {
  [key: string]: unknown;
  type?: string;
  properties?: Readonly<Record<string, Schema>>;
  required?: readonly string[];
};

/**
 * Why a value may be refused. `type`, `missing` (a property) and `unknown` (a property) are about its shape;
 * `value` is one that is not in a list; `bounds` a length, a size or a pattern.
 */
export type Refusal = {
  path: string;
  what: 'type' | 'missing' | 'unknown' | 'value' | 'bounds';
  /** What may be given, and what is taken, in words. */
  given: string;
  taken: string;
};

type Options = {
  /** Whether readers pass over properties that they do not know. */
  passOver: boolean;
};
type Compare = (from: Schema, to: Schema, path: string, options: Options) => Refusal[];

/** Lower bounds and upper bounds, by keyword. */
const LEAST = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems', 'minProperties'];
const MOST = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems', 'maxProperties'];

const show = (value: unknown): string => JSON.stringify(value);
const showAll = (values: readonly unknown[] | null): string => values?.map(show).join(', ') ?? 'any';

/** A union's options, or the schema as its only one. */
const optionsOf = (schema: Schema): readonly Schema[] => {
  const parts = (schema['anyOf'] ?? schema['oneOf']) as readonly Schema[] | undefined;
  if (parts) return parts.flatMap(optionsOf);
  const { type, ...rest } = schema as { type?: string | readonly string[] };
  return Array.isArray(type) ? type.map((one: string) => ({ ...rest, type: one })) : [schema];
};

const valuesOf = (schema: Schema): readonly unknown[] | null => {
  if ('const' in schema) return [schema['const']];
  return (schema['enum'] as readonly unknown[] | undefined) ?? null;
};

const takesType = (from: Schema, to: Schema): boolean =>
  to.type === undefined || from.type === to.type || (from.type === 'integer' && to.type === 'number');

const compareValues: Compare = (from, to, path) => {
  const [given, taken] = [valuesOf(from), valuesOf(to)];
  if (taken === null) return [];
  const refused = given?.filter((value) => !taken.includes(value)) ?? null;
  if (refused?.length === 0) return [];
  return [{ path, what: 'value', given: showAll(refused), taken: showAll(taken) }];
};

const compareBounds: Compare = (from, to, path) => {
  const narrower = (keywords: readonly string[], isNarrower: (given: number, taken: number) => boolean) =>
    keywords.filter((keyword) => {
      const [given, taken] = [from[keyword], to[keyword]] as [number | undefined, number | undefined];
      return taken !== undefined && (given === undefined || isNarrower(given, taken));
    });
  const found = [
    ...narrower(LEAST, (given, taken) => taken > given),
    ...narrower(MOST, (given, taken) => taken < given),
  ];
  // A value that is one of a list has the form of its list.
  if (valuesOf(from)) return [];
  const forms = ['pattern', 'format', 'allOf'].filter(
    (keyword) => to[keyword] !== undefined && show(to[keyword]) !== show(from[keyword]),
  );
  const word = (schema: Schema, keyword: string) => `${keyword} ${show(schema[keyword]) ?? 'none'}`;
  return [...found, ...forms].map((keyword) => ({
    path,
    what: 'bounds',
    given: word(from, keyword),
    taken: word(to, keyword),
  }));
};

const compareProperties: Compare = (from, to, path, options) => {
  const isRequired = ({ required = [] }: Schema, name: string) => required.includes(name);
  const [given, taken] = [from.properties ?? {}, to.properties ?? {}];
  const missing = (to.required ?? [])
    .filter((name) => !isRequired(from, name))
    .map((name): Refusal => ({
      path: `${path}.${name}`,
      what: 'missing',
      given: 'optional',
      taken: 'required',
    }));
  const inside = Object.entries(given).flatMap(([name, schema]): Refusal[] => {
    const other = taken[name];
    if (other) return refusals(schema, other, `${path}.${name}`, options);
    if (options.passOver) return [];
    if (typeof to['additionalProperties'] === 'object')
      return refusals(schema, to['additionalProperties'] as Schema, `${path}.${name}`, options);
    return to['additionalProperties'] === false
      ? [{ path: `${path}.${name}`, what: 'unknown', given: 'known', taken: 'unknown' }]
      : [];
  });
  const [others, otherTaken] = [from['additionalProperties'], to['additionalProperties']];
  const pairs =
    typeof others === 'object' && typeof otherTaken === 'object'
      ? refusals(others as Schema, otherTaken as Schema, `${path}.*`, options)
      : [];
  return [...missing, ...inside, ...pairs];
};

const compareItems: Compare = (from, to, path, options) =>
  typeof from['items'] === 'object' && typeof to['items'] === 'object'
    ? refusals(from['items'] as Schema, to['items'] as Schema, `${path}[]`, options)
    : [];

/** Of one option against one option. */
const compareOne: Compare = (from, to, path, options) => {
  if (!takesType(from, to))
    return [{ path, what: 'type', given: from.type ?? 'anything', taken: to.type ?? 'anything' }];
  return [compareValues, compareBounds, compareProperties, compareItems].flatMap((compare) =>
    compare(from, to, path, options),
  );
};

/** Whether two options of a union differ by a property with a fixed value. */
const differInKind = (from: Schema, to: Schema): boolean =>
  Object.entries(from.properties ?? {}).some(([name, { const: value }]) => {
    const other = to.properties?.[name]?.['const'];
    return value !== undefined && other !== undefined && value !== other;
  });

/** Why `to` may refuse values that `from` describes; empty where it takes all of them. */
export const refusals: Compare = (from, to, path, options) => {
  const taking = optionsOf(to);
  return optionsOf(from).flatMap((option) => {
    const attempts = taking.map((one) => compareOne(option, one, path, options));
    if (attempts.some((attempt) => attempt.length === 0)) return [];
    if (taking.length === 1) return attempts[0] ?? [];
    const ofType = taking.flatMap((one, index) =>
      takesType(option, one) ? [[one, attempts[index]] as const] : [],
    );
    const ofKind = ofType.find(([one]) => !differInKind(option, one));
    if (ofKind) return ofKind[1] ?? [];
    const kinds = Object.values(option.properties ?? {}).flatMap(({ const: kind }) => kind ?? []);
    if (ofType.length > 0) return [{ path, what: 'value', given: showAll(kinds), taken: 'others' }];
    const types = [...new Set(taking.map(({ type }) => type ?? 'anything'))].join(' or ');
    return [{ path, what: 'type', given: option.type ?? 'anything', taken: types }];
  });
};
