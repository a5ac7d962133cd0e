import {
  GraphQLBoolean,
  GraphQLEnumType,
  GraphQLNonNull,
  GraphQLObjectType,
  GraphQLSchema,
  GraphQLString,
  type GraphQLFieldConfigArgumentMap,
} from 'graphql';
import type * as z from 'zod/mini';
import { AppError, isAppError } from '../../../broker/calls/errors.ts';
import type { Action, Contract } from '../../../shared/contracts/contract.ts';
import { ERRORS } from '../../../shared/contracts/errors.ts';
import { checkJson } from '../http/read-params.ts';
import { descriptionOf } from '../documents/operations.ts';
import { isPage } from './connections.ts';
import { inputOf } from './inputs.ts';
import { defOf, nothingMade, type Field, type Made } from './made.ts';
import { argumentName, fieldName } from './names.ts';
import { outputOf } from './outputs.ts';
import { relationsOf } from './relations.ts';
import { runActionOf, type Parts } from './run-action.ts';
import { subscriptionsOf, type StreamParts } from './subscriptions.ts';
import { hasField } from './without-field.ts';

type Params = Record<string, unknown>;
type Param = { name: string; argument: string; takesNull: boolean };

const KEY = 'idempotencyKey';
const TOKENS_IN_COOKIES = ['tokens'];
/** Cookies whose path keeps them from being sent here. */
const READ_FROM_COOKIES = ['deviceToken'];

/** Whether null is a value of a param, and not only that it is left out. */
const takesNull = (schema: z.ZodMiniType): boolean => {
  const { type, innerType } = defOf(schema);
  return type === 'nullable' || ((type === 'optional' || type === 'default') && takesNull(innerType));
};

const paramsOf = ({ params, result, http }: Action): Param[] => {
  const names = Object.entries(defOf(params).shape);
  const taken = http?.session ? names.filter(([name]) => !READ_FROM_COOKIES.includes(name)) : names;
  return taken.map(([name, schema]) => ({
    name,
    argument: argumentName(name, isPage(result)),
    takesNull: takesNull(schema),
  }));
};

const argumentsOf = (action: Action, params: Param[], made: Made): GraphQLFieldConfigArgumentMap => {
  const { shape } = defOf(action.params);
  const pairs = params.map(({ name, argument }) => [
    argument,
    inputOf(made, shape[name]!, `${action.name}.${name}`),
  ]);
  const key = {
    type: GraphQLString,
    description:
      'A value of your own for each thing that you mean to do, such as a UUID; may be sent as the header ' +
      'Idempotency-Key instead.',
  };
  return { ...Object.fromEntries(pairs), ...(action.idempotent === 'key' && { [KEY]: key }) };
};

/** Arguments as params; null where a param knows none is as if it were left out, as clients send it. */
const toParams = (params: Param[], given: Params): Params => {
  const read: Params = {};
  for (const { name, argument, takesNull: takes } of params) {
    const value = given[argument];
    if (value !== undefined && (value !== null || takes)) read[name] = value;
  }
  checkJson(read, '', 1);
  return read;
};

/** Names the fields of a refusal as the arguments are named. */
const withArguments = (params: Param[], error: unknown): unknown => {
  if (!isAppError(error) || !error.data.errors) return error;
  const errors = error.data.errors.map((one) => {
    const [first = '', ...rest] = one.path.split('.');
    const { argument = first } = params.find(({ name }) => name === first) ?? {};
    return { ...one, path: [argument, ...rest].join('.') };
  });
  return new AppError(error.code, { ...error.data, errors }, { cause: error.cause });
};

const describe = (action: Action): string => {
  const errors = action.errors.map((code) => `\`${code}\``).join(', ');
  return [descriptionOf(action), ...(errors === '' ? [] : [`Errors of its own: ${errors}.`])].join('\n\n');
};

const rootField = (action: Action, parts: Parts, made: Made): Field => {
  const { result, http, name } = action;
  const isDone = Object.keys(defOf(result).shape).length === 0;
  const params = paramsOf(action);
  const run = runActionOf(action, !http!.route.startsWith('GET '), parts);
  const type = isDone
    ? GraphQLBoolean
    : outputOf(made, result, `${name}.result`, http!.session ? TOKENS_IN_COOKIES : []);
  return {
    // The others of a request are answered also when this one is refused.
    type: type instanceof GraphQLNonNull ? type.ofType : type,
    description: describe(action),
    args: argumentsOf(action, params, made),
    resolve: async (_source, given, context) => {
      try {
        const key = (given as Params)[KEY] as string | null | undefined;
        const answer = await run(toParams(params, given as Params), context, key ?? undefined);
        return isDone ? true : answer;
      } catch (error) {
        throw withArguments(params, error);
      }
    },
  };
};

const errorCode = (): GraphQLEnumType =>
  new GraphQLEnumType({
    name: 'ErrorCode',
    description: 'The `extensions.code` of errors.',
    values: Object.fromEntries(
      Object.entries(ERRORS).map(([code, [, description]]) => [code, { description }]),
    ),
  });

/**
 * The schema of the contracts: a query for each read with a route, a mutation for each other action, and
 * subscriptions to what the realtime service sends.
 */
export const schemaOf = (
  contracts: readonly Contract[],
  parts: Parts,
  streamParts: StreamParts,
): GraphQLSchema => {
  const made = nothingMade();
  made.relations = relationsOf(contracts, parts, (...given) => outputOf(made, ...given));
  const actions = contracts.flatMap((one) => Object.values(one.actions)).filter(hasField);
  const root = (name: string, isRoot: (action: Action) => boolean) =>
    new GraphQLObjectType({
      name,
      fields: Object.fromEntries(
        actions.filter(isRoot).map((one) => [fieldName(one.name), rootField(one, parts, made)]),
      ),
    });
  return new GraphQLSchema({
    description: 'Payments between customers and vendors.',
    query: root('Query', ({ idempotent }) => idempotent === 'read'),
    subscription: subscriptionsOf(contracts, streamParts, made),
    mutation: root('Mutation', ({ idempotent }) => idempotent !== 'read'),
    types: [errorCode()],
  });
};
