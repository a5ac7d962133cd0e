import { buildSchema, type GraphQLSchema } from 'graphql';
import {
  argumentsOf,
  asRest,
  fieldOf,
  operationOf,
} from '../../services/gateway/graphql/testing/operations.ts';
import { hasField } from '../../services/gateway/graphql/without-field.ts';
import { requestOf } from '../../shared/client/client.ts';
import type { Action } from '../../shared/contracts/contract.ts';
import type { FieldError, Problem } from '../../shared/contracts/errors.ts';
import type { World } from './world.ts';

type Params = Record<string, unknown>;
export type Asked = { token?: string | undefined; key?: string };
/** What an action answers, or the problem with which it is refused. */
export type Outcome =
  { result: unknown } | { code: string; status: number; errors?: FieldError[] | undefined };

/** A way in: the same actions, with the same outcomes. */
export type Door = {
  name: 'REST' | 'GraphQL';
  has(action: Action): boolean;
  run(world: World, action: Action, params: Params, asked: Asked): Promise<Outcome>;
};

const refuseFailure = <P extends { code: string; status: number }>(action: Action, problem: P): P => {
  if (problem.status >= 500) throw new Error(`${action.name} answered ${problem.status} ${problem.code}`);
  return problem;
};

export const REST: Door = {
  name: 'REST',
  has: ({ http }) => http !== undefined,
  run: async (world, action, params, { token, key }) => {
    const { method, path, body } = requestOf(action.http!, params);
    const headers: Record<string, string> = { 'idempotency-key': key ?? '' };
    if (body !== undefined) headers['content-type'] = 'application/json';
    const json = body === undefined ? undefined : (JSON.parse(body) as unknown);
    const reply = await world.ask(`${method} ${path}`, { ...(token && { token }), json, headers });
    if (!reply.ok) return refuseFailure(action, (await reply.json()) as Problem);
    const isJson = reply.headers.get('content-type')?.startsWith('application/json');
    return { result: isJson ? await reply.json() : null };
  },
};

const schemas = new WeakMap<World, Promise<GraphQLSchema>>();
const readSchema = async (world: World): Promise<GraphQLSchema> =>
  buildSchema(await (await world.ask('GET /api/graphql/schema')).text());

/** The schema as a client reads it. */
export const schemaOf = (world: World): Promise<GraphQLSchema> => {
  const known = schemas.get(world) ?? readSchema(world);
  schemas.set(world, known);
  return known;
};

type Answer = { data?: Record<string, unknown>; errors?: { extensions: Problem }[] };

export const GRAPHQL: Door = {
  name: 'GraphQL',
  has: hasField,
  run: async (world, action, params, { token, key }) => {
    const schema = await schemaOf(world);
    const isKeyed = action.idempotent === 'key' && key !== undefined;
    const json = operationOf(schema, action, params, isKeyed ? { idempotencyKey: key } : {});
    const reply = await world.ask('POST /api/graphql', { ...(token && { token }), json });
    const { data, errors: [first] = [] } = (await reply.json()) as Answer;
    if (first) {
      const names = argumentsOf(schema, action);
      const paramOf = (path: string) => {
        const [argument, ...rest] = path.split('.');
        return [names.find((one) => one.argument === argument)?.param ?? argument, ...rest].join('.');
      };
      const errors = first.extensions.errors?.map((one) => ({ ...one, path: paramOf(one.path) }));
      return refuseFailure(action, { ...first.extensions, ...(errors && { errors }) });
    }
    const field = fieldOf(schema, action);
    const value = asRest(field.type, data?.[field.name]);
    return { result: value === true ? null : value };
  },
};

export const DOORS: readonly Door[] = [REST, GRAPHQL];
