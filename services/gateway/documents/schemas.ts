import * as z from 'zod/mini';
import { EVENT_PROPERTIES } from '../../../shared/contracts/documentation/event-properties.ts';
import { PROPERTIES, type PropertyText } from '../../../shared/contracts/documentation/properties.ts';
import { EXTENDED_SCHEMAS, NAMED_SCHEMAS } from '../../../shared/contracts/documentation/schemas.ts';
import { isPortable } from './patterns.ts';

/** A JSON Schema of draft 2020-12, or another object of the document. */
export type Json = Record<string, unknown>;
export type Schema = Json & {
  $ref?: string;
  type?: string | readonly string[];
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
};
export type Direction = 'input' | 'output';
/** OpenAPI 3.1 has draft 2020-12; AsyncAPI's parser checks draft-07 only. */
export type Draft = 'draft-2020-12' | 'draft-7';

const REF = '#/components/schemas/';
const refTo = (name: string): Schema => ({ $ref: REF + name });
export const nameIn = (ref: string): string => ref.slice(REF.length);

type Override = Parameters<NonNullable<NonNullable<Parameters<typeof z.toJSONSchema>[1]>['override']>>[0];
type Def = {
  type: string;
  checks?: { _zod: { def: { pattern?: RegExp; error?: (issue: object) => string } } }[];
  out?: z.ZodMiniType;
  defaultValue?: unknown;
  discriminator?: string;
  options?: z.ZodMiniType[];
  shape?: Record<string, { _zod: { def: { values?: string[] } } }>;
};

const INT32_MAX = 2 ** 31 - 1;

/** Leaves out the bounds of safe integers, which are those of JavaScript, and says how wide an integer is. */
const boundInteger = (schema: Json): void => {
  if (schema['exclusiveMinimum'] === 0) {
    delete schema['exclusiveMinimum'];
    schema['minimum'] = 1;
  }
  if (schema['minimum'] === Number.MIN_SAFE_INTEGER) delete schema['minimum'];
  if (schema['maximum'] === Number.MAX_SAFE_INTEGER) delete schema['maximum'];
  const { maximum } = schema;
  schema['format'] = typeof maximum === 'number' && maximum <= INT32_MAX ? 'int32' : 'int64';
};

/** Replaces patterns that not every language reads by the sentences of their checks. */
const replacePatterns = (schema: Json, { checks = [] }: Def): void => {
  delete schema['pattern'];
  delete schema['allOf'];
  if (schema['format'] !== undefined) return;
  const patterns = checks.flatMap(({ _zod: { def } }) => (def.pattern ? [def] : []));
  const portable = patterns.flatMap(({ pattern }) =>
    pattern && isPortable(pattern.source) ? [{ pattern: pattern.source }] : [],
  );
  if (portable.length === 1) Object.assign(schema, portable[0]);
  if (portable.length > 1) schema['allOf'] = portable;
  const spelledOut = patterns.filter(({ pattern }) => pattern && !isPortable(pattern.source));
  const sentences = spelledOut.map(({ error }) => error?.({}) ?? 'must have its pattern');
  if (sentences.length > 0) schema['description'] = `It ${sentences.join(', ')}.`;
};

/** A union whose options differ by a property: tools read the options from `discriminator`. */
const discriminate = (schema: Json, { discriminator: propertyName = '', options = [] }: Def): void => {
  const named = options.map((option) => {
    const { shape } = option._zod.def as unknown as Def;
    return [shape?.[propertyName]?._zod.def.values?.[0], NAMED_SCHEMAS.get(option)?.id] as const;
  });
  const mapping = Object.fromEntries(named.map(([value, id]) => [value, REF + id]));
  schema['discriminator'] = { propertyName, mapping };
};

const adapt =
  (direction: Direction, draft: Draft) =>
  ({ zodSchema, jsonSchema }: Override): void => {
    const schema = jsonSchema as Json;
    const def = zodSchema._zod.def as unknown as Def;
    // Digits in a query are read as a number, which is what the document shows.
    if (def.type === 'pipe' && (def.out?._zod.def as Def | undefined)?.type === 'number') {
      delete schema['anyOf'];
      const { $schema: _, ...number } = z.toJSONSchema(def.out as z.ZodMiniType);
      Object.assign(schema, number);
    }
    if (def.type === 'default') schema['default'] = def.defaultValue;
    // What a schema says of checks that JSON Schema cannot express.
    Object.assign(schema, z.globalRegistry.get(zodSchema));
    if (schema['type'] === 'integer') boundInteger(schema);
    if (schema['type'] === 'string') replacePatterns(schema, def);
    if (schema['oneOf'] && def.discriminator && draft === 'draft-2020-12') discriminate(schema, def);
    // JSON has no other property names than strings.
    if (Object.keys((schema['propertyNames'] as Json | undefined) ?? {}).length === 1) {
      delete schema['propertyNames'];
    }
    // Clients must pass over properties that they do not know, because answers may gain some.
    if (direction === 'output' && schema['additionalProperties'] === false) {
      delete schema['additionalProperties'];
    }
  };

/**
 * The text for a property or parameter: of its owner (a schema or an action), of every action of its service,
 * else for all of its name.
 */
export const textOf = (owner: string, name: string): PropertyText | undefined =>
  PROPERTIES[`${owner}.${name}`] ??
  EVENT_PROPERTIES[`${owner}.${name}`] ??
  PROPERTIES[`${owner.split('.')[0]}.*.${name}`] ??
  PROPERTIES[name] ??
  EVENT_PROPERTIES[name];

/** The children of a schema, each with its owner. */
const childrenOf = (schema: Schema, owner: string): (readonly [Schema, string])[] => {
  const parts = [
    schema['items'],
    schema['additionalProperties'],
    schema['anyOf'],
    schema['oneOf'],
    schema['allOf'],
  ];
  const inside = parts.flat().filter((part): part is Schema => typeof part === 'object' && part !== null);
  const properties = Object.entries(schema.properties ?? {});
  return [
    ...inside.map((part) => [part, owner] as const),
    ...properties.map(([name, part]) => [part, `${owner}.${name}`] as const),
  ];
};

/** Writes references as the document has them, and the texts of properties. */
const finish = (schema: Schema, owner: string): Schema => {
  if (schema.$ref) schema.$ref = schema.$ref.replace(/^#\/(\$defs|definitions)\//, REF);
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const text = textOf(owner, name)?.text;
    const rules = property.description;
    if (text !== undefined) property.description = rules === undefined ? text : `${text} ${rules}`;
  }
  for (const [child, childOwner] of childrenOf(schema, owner)) finish(child, childOwner);
  return schema;
};

const omit = (schema: Schema, names: readonly string[]): Schema => {
  if (names.length === 0 || !schema.properties) return schema;
  const properties = Object.entries(schema.properties).filter(([name]) => !names.includes(name));
  const required = schema.required?.filter((name) => !names.includes(name));
  return { ...schema, properties: Object.fromEntries(properties), ...(required && { required }) };
};

/** The schema as another one and what it adds to it. */
const extend = (schema: Schema, base: string, shared: ReadonlySet<string>): Schema => {
  const { type, properties = {}, required = [], ...rest } = schema;
  const added = Object.entries(properties).filter(([name]) => !shared.has(name));
  const own: Schema = { properties: Object.fromEntries(added) };
  const ownRequired = required.filter((name) => !shared.has(name));
  if (ownRequired.length > 0) own.required = ownRequired;
  return { ...rest, allOf: [refTo(base), { type, ...own }] };
};

type Named = Readonly<Record<string, Schema>>;

/** Converts schemas of contracts and collects those with a name. */
export const schemaRegistry = (draft: Draft = 'draft-2020-12') => {
  const schemas: Record<string, Schema> = {};

  const add = (name: string, schema: Schema): Schema => {
    const known = schemas[name];
    if (known && JSON.stringify(known) !== JSON.stringify(schema)) {
      throw new Error(`${name} names two schemas of the document`);
    }
    schemas[name] ??= schema;
    return refTo(name);
  };

  const convert = (
    schema: z.ZodMiniType,
    direction: Direction,
    owner: string,
    omitted: readonly string[] = [],
  ): Schema => {
    const {
      $schema: _,
      $defs,
      definitions = $defs ?? {},
      ...root
    } = z.toJSONSchema(schema, {
      target: draft,
      io: direction,
      unrepresentable: 'any',
      metadata: NAMED_SCHEMAS,
      override: adapt(direction, draft),
    }) as { $schema?: string; $defs?: Named; definitions?: Named } & Schema;
    for (const [name, part] of Object.entries(definitions)) {
      const base = EXTENDED_SCHEMAS[name];
      const finished = finish(omit(part, omitted), name);
      if (base === undefined) add(name, finished);
      else {
        const reference = convert(base, direction, '').$ref ?? '';
        const { properties = {} } = schemas[nameIn(reference)] ?? {};
        add(name, extend(finished, nameIn(reference), new Set(Object.keys(properties))));
      }
    }
    return finish(omit(root, omitted), owner);
  };

  return { schemas, add, convert };
};
export type SchemaRegistry = ReturnType<typeof schemaRegistry>;
