import {
  getNamedType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  isUnionType,
  type GraphQLField,
  type GraphQLSchema,
  type GraphQLType,
} from 'graphql';
import type { Action } from '../../../../shared/contracts/contract.ts';
import { defOf } from '../made.ts';
import { argumentName, fieldName, valueName } from '../names.ts';

/** Fields that REST has not in its answers: another form of the same, or what leads to other things. */
const NOT_IN_REST = ['edges', 'timeline', 'avatarUrl'];
type Values = Record<string, unknown>;

export type Operation = { query: string; variables: Values };

/** The field of an action; throws where there is none. */
export const fieldOf = (schema: GraphQLSchema, { name }: Action): GraphQLField<unknown, unknown> => {
  const roots = [schema.getQueryType(), schema.getMutationType()];
  const field = roots.map((root) => root?.getFields()[fieldName(name)]).find((one) => one !== undefined);
  if (!field) throw new Error(`${name} has no field`);
  return field;
};

/** All that REST answers with, as a selection. A timeline is answered by `paymentsGet` alone. */
const selectionOf = (type: GraphQLType, withTimeline = false): string => {
  const named = getNamedType(type);
  if (isLeafType(named)) return '';
  if (isUnionType(named))
    return `{ ${named
      .getTypes()
      .map((one) => `... on ${one.name} ${selectionOf(one)}`)
      .join(' ')} }`;
  if (!isObjectType(named)) throw new Error(`${named.name} has no selection`);
  const fields = Object.values(named.getFields()).filter(
    ({ name }) => !NOT_IN_REST.includes(name) || (withTimeline && name === 'timeline'),
  );
  return `{ ${fields.map((one) => `${one.name} ${selectionOf(one.type)}`).join(' ')} }`;
};

const isConnection = (type: GraphQLType): boolean => {
  const named = getNamedType(type);
  return isObjectType(named) && 'pageInfo' in named.getFields();
};

/** The params of an action with the arguments that take them. */
export const argumentsOf = (schema: GraphQLSchema, action: Action): { param: string; argument: string }[] => {
  const field = fieldOf(schema, action);
  const params = Object.keys(defOf(action.params).shape).map((param) => ({
    param,
    argument: argumentName(param, isConnection(field.type)),
  }));
  return params.filter(({ argument }) => field.args.some(({ name }) => name === argument));
};

/** An operation that runs an action with these params and asks for all that REST answers with. */
export const operationOf = (
  schema: GraphQLSchema,
  action: Action,
  params: Values,
  more: Values = {},
): Operation => {
  const field = fieldOf(schema, action);
  const kind = schema.getQueryType()?.getFields()[field.name] === field ? 'query' : 'mutation';
  const given = Object.entries(params).map(
    ([name, value]) => [argumentName(name, isConnection(field.type)), value] as const,
  );
  const variables: Values = {};
  const [declared, passed]: [string[], string[]] = [[], []];
  for (const [name, value] of [...given, ...Object.entries(more)]) {
    const argument = field.args.find((one) => one.name === name);
    const isEnum = argument && isEnumType(getNamedType(argument.type));
    variables[name] = isEnum && typeof value === 'string' ? valueName(value) : value;
    declared.push(`$${name}: ${argument ? String(argument.type) : 'Json'}`);
    passed.push(`${name}: $${name}`);
  }
  const inBraces = (parts: string[]) => (parts.length === 0 ? '' : `(${parts.join(', ')})`);
  const selection = selectionOf(field.type, action.name === 'payments.get');
  return {
    query: `${kind} ${inBraces(declared)} { ${field.name}${inBraces(passed)} ${selection} }`,
    variables,
  };
};

/** What a field has answered, in the form in which REST answers. */
export const asRest = (type: GraphQLType, value: unknown): unknown => {
  if (value === null || value === undefined) return value;
  if (isNonNullType(type)) return asRest(type.ofType, value);
  if (isListType(type)) return (value as unknown[]).map((one) => asRest(type.ofType, one));
  if (isEnumType(type)) return type.getValue(value as string)?.value ?? value;
  if (!isObjectType(type)) return value;
  const { nodes, pageInfo, ...others } = value as Values;
  const fields = type.getFields();
  const plain = Object.entries(others).map(([name, one]) => [name, asRest(fields[name]!.type, one)]);
  if (!pageInfo) return Object.fromEntries(plain);
  const page = { items: asRest(fields['nodes']!.type, nodes), nextCursor: (pageInfo as Values)['endCursor'] };
  return { ...Object.fromEntries(plain), ...page };
};
