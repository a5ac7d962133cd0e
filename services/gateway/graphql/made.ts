import {
  GraphQLEnumType,
  type GraphQLFieldConfig,
  type GraphQLFieldConfigMap,
  type GraphQLInputObjectType,
  type GraphQLObjectType,
  type GraphQLOutputType,
  type GraphQLUnionType,
} from 'graphql';
import type * as z from 'zod/mini';
import { NAMED_SCHEMAS } from '../../../shared/contracts/documentation/schemas.ts';
import type { GraphqlContext } from './context.ts';
import { typeName, valueName } from './names.ts';
import { scalarsOf } from './scalars.ts';

export type Schema = z.ZodMiniType;
export type Shape = Readonly<Record<string, Schema>>;
/** What the definitions of schemas have, each kind its part. */
type Def = {
  type: string;
  innerType: Schema;
  element: Schema;
  in: Schema;
  out: Schema;
  shape: Shape;
  entries: Readonly<Record<string, string>>;
  options: readonly Schema[];
  discriminator?: string;
  values?: readonly unknown[];
  keyType: Schema;
  valueType: Schema;
  defaultValue: unknown;
};

export type Field = GraphQLFieldConfig<unknown, GraphqlContext>;
export type Fields = GraphQLFieldConfigMap<unknown, GraphqlContext>;
/** Fields of a type that further actions answer, by its name. */
export type Relations = Readonly<Record<string, () => Readonly<Record<string, Field>>>>;
/** The type of what an action answers, by the schema and the name of its owner. */
export type OutputOf = (schema: Schema, owner: string, omitted?: readonly string[]) => GraphQLOutputType;

/** The types made so far: a schema has one for output and one for input. */
export type Made = {
  relations: Relations;
  scalarOf: ReturnType<typeof scalarsOf>;
  enums: Map<Schema, GraphQLEnumType>;
  outputs: Map<Schema, GraphQLObjectType | GraphQLUnionType>;
  inputs: Map<Schema, GraphQLInputObjectType>;
};
export const nothingMade = (): Made => ({
  relations: {},
  scalarOf: scalarsOf(),
  enums: new Map(),
  outputs: new Map(),
  inputs: new Map(),
});

export const defOf = (schema: Schema): Def => schema._zod.def as unknown as Def;

export const nameOf = (schema: Schema, owner: string): { name: string; description: string | null } => {
  const { id = typeName(owner), description = null } = NAMED_SCHEMAS.get(schema) ?? {};
  return { name: id, description };
};

export const kept = <T>(map: Map<Schema, T>, schema: Schema, make: () => T): T => {
  const known = map.get(schema) ?? make();
  map.set(schema, known);
  return known;
};

export const enumOf = ({ enums }: Made, schema: Schema, owner: string): GraphQLEnumType =>
  kept(enums, schema, () => {
    const values = Object.values(defOf(schema).entries).map((value) => [valueName(value), { value }]);
    return new GraphQLEnumType({ ...nameOf(schema, owner), values: Object.fromEntries(values) });
  });
