import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLInputObjectType,
  GraphQLList,
  GraphQLNonNull,
  type GraphQLInputFieldConfig,
  type GraphQLInputType,
  type GraphQLNullableInputType,
} from 'graphql';
import { textOf } from '../documents/schemas.ts';
import { defOf, enumOf, kept, nameOf, type Made, type Schema, type Shape } from './made.ts';
import { valueName } from './names.ts';
import { JSON_VALUE } from './scalars.ts';

const nullable = (type: GraphQLInputType): GraphQLInputType =>
  type instanceof GraphQLNonNull ? type.ofType : type;

/** A union of objects with a field each is one object of which one field is given. */
const objectOf = (made: Made, schema: Schema, owner: string): GraphQLInputObjectType => {
  const { type, shape, options } = defOf(schema);
  const { name, description } = nameOf(schema, owner);
  const isOneOf = type === 'union';
  const shapes: Shape = isOneOf ? Object.assign({}, ...options.map((one) => defOf(one).shape)) : shape;
  return new GraphQLInputObjectType({
    name: `${name}Input`,
    description,
    isOneOf,
    fields: () =>
      Object.fromEntries(
        Object.entries(shapes).map(([part, of]) => {
          const field = inputOf(made, of, `${owner}.${part}`);
          return [part, { ...field, type: isOneOf ? nullable(field.type) : field.type }];
        }),
      ),
  });
};

const isOneField = (schema: Schema): boolean =>
  defOf(schema).type === 'object' && Object.keys(defOf(schema).shape).length === 1;

const presentOf = (made: Made, schema: Schema, owner: string): GraphQLNullableInputType => {
  const { type, element, options = [] } = defOf(schema);
  if (type === 'array') return new GraphQLList(inputOf(made, element, owner).type);
  if (type === 'enum') return enumOf(made, schema, owner);
  if (type === 'boolean') return GraphQLBoolean;
  if (type === 'object' || (type === 'union' && options.every(isOneField)))
    return kept(made.inputs, schema, () => objectOf(made, schema, owner));
  return made.scalarOf(schema, owner) ?? JSON_VALUE;
};

/** Digits in a query are read as a number, which is what a document has. */
const readAs = ({ scalarOf }: Made, schema: Schema): Schema => {
  const { type, in: from, out } = defOf(schema);
  if (type !== 'pipe' || scalarOf(schema, '') !== null) return schema;
  return defOf(out).type === 'number' ? out : from;
};

/** The type of a param, with its default; one that may be left out or is null is nullable. */
export const inputOf = (
  made: Made,
  schema: Schema,
  owner: string,
): GraphQLInputFieldConfig & { type: GraphQLInputType } => {
  const { type, innerType, defaultValue } = defOf(schema);
  const at = owner.lastIndexOf('.');
  const description = textOf(owner.slice(0, at), owner.slice(at + 1))?.text ?? null;
  if (type === 'default') {
    const inner = nullable(inputOf(made, innerType, owner).type);
    const value = inner instanceof GraphQLEnumType ? valueName(String(defaultValue)) : defaultValue;
    return { description, type: inner, default: { value } };
  }
  if (type === 'nullable' || type === 'optional')
    return { description, type: nullable(inputOf(made, innerType, owner).type) };
  return { description, type: new GraphQLNonNull(presentOf(made, readAs(made, schema), owner)) };
};
