import {
  GraphQLBoolean,
  GraphQLList,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLString,
  GraphQLUnionType,
  type GraphQLNullableOutputType,
  type GraphQLOutputType,
} from 'graphql';
import * as z from 'zod/mini';
import { EXTENDED_SCHEMAS, NAMED_SCHEMAS } from '../../../shared/contracts/documentation/schemas.ts';
import { textOf } from '../documents/schemas.ts';
import { isPage, pageFields } from './connections.ts';
import { defOf, enumOf, kept, nameOf, type Fields, type Made, type Schema, type Shape } from './made.ts';
import { JSON_VALUE } from './scalars.ts';

type Omitted = readonly string[];

/** Where a contract extends a thing with relations, clients know it as the same thing. */
const sameThing = ({ relations }: Made, schema: Schema): Schema => {
  const base = EXTENDED_SCHEMAS[NAMED_SCHEMAS.get(schema)?.id ?? ''];
  return base && relations[NAMED_SCHEMAS.get(base)?.id ?? ''] ? base : schema;
};

const fieldsOf = (made: Made, shape: Shape, owner: string): Fields =>
  Object.fromEntries(
    Object.entries(shape).map(([name, part]) => {
      const description = textOf(owner, name)?.text ?? null;
      return [name, { type: outputOf(made, part, `${owner}.${name}`), description }];
    }),
  );

const objectOf = (made: Made, schema: Schema, owner: string, omitted: Omitted): GraphQLObjectType => {
  const { name, description } = nameOf(schema, owner);
  const shape = Object.entries(defOf(schema).shape).filter(([one]) => !omitted.includes(one));
  return new GraphQLObjectType({
    name,
    description,
    fields: () => {
      const fields = { ...fieldsOf(made, Object.fromEntries(shape), name), ...made.relations[name]?.() };
      return isPage(schema) ? pageFields(name, fields) : fields;
    },
  });
};

/** Of objects that a property distinguishes. */
const unionOf = (made: Made, schema: Schema, owner: string): GraphQLUnionType => {
  const { options, discriminator = '' } = defOf(schema);
  const byValue = new Map(
    options.map((option) => {
      const [value] = defOf(defOf(option).shape[discriminator] as Schema).values ?? [];
      return [String(value), presentOf(made, option, `${owner}.${String(value)}`) as GraphQLObjectType];
    }),
  );
  return new GraphQLUnionType({
    ...nameOf(schema, owner),
    types: [...byValue.values()],
    resolveType: (content) => byValue.get((content as Record<string, string>)[discriminator] ?? '')?.name,
  });
};

/** A record with known keys is an object that may lack each of them. */
const recordOf = (made: Made, schema: Schema, owner: string): GraphQLNullableOutputType => {
  const { keyType, valueType } = defOf(schema);
  if (defOf(keyType).type !== 'enum') return JSON_VALUE;
  const keys = Object.values(defOf(keyType).entries);
  const shape = z.object(Object.fromEntries(keys.map((key) => [key, z.optional(valueType)])));
  return kept(made.outputs, schema, () => objectOf(made, shape, owner, []));
};

/** A schema without a form in GraphQL is a JSON value. */
const presentOf = (
  made: Made,
  given: Schema,
  owner: string,
  omitted: Omitted = [],
): GraphQLNullableOutputType => {
  const schema = sameThing(made, given);
  const { type, element, discriminator } = defOf(schema);
  if (type === 'array') return new GraphQLList(outputOf(made, element, owner));
  if (type === 'enum') return enumOf(made, schema, owner);
  if (type === 'boolean') return GraphQLBoolean;
  if (type === 'literal') return GraphQLString;
  if (type === 'record') return recordOf(made, schema, owner);
  if (type === 'object') return kept(made.outputs, schema, () => objectOf(made, schema, owner, omitted));
  if (discriminator !== undefined) return kept(made.outputs, schema, () => unionOf(made, schema, owner));
  return made.scalarOf(schema, owner) ?? JSON_VALUE;
};

/** The type of what an action answers; `omitted` are properties that the gateway takes out of it. */
export const outputOf = (
  made: Made,
  schema: Schema,
  owner: string,
  omitted: Omitted = [],
): GraphQLOutputType => {
  const { type, innerType, out } = defOf(schema);
  if (type === 'default') return outputOf(made, innerType, owner, omitted);
  if (type === 'pipe') return outputOf(made, out, owner, omitted);
  if (type !== 'nullable' && type !== 'optional')
    return new GraphQLNonNull(presentOf(made, schema, owner, omitted));
  const inner = outputOf(made, innerType, owner, omitted);
  return inner instanceof GraphQLNonNull ? inner.ofType : inner;
};
