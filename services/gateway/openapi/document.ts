import * as z from 'zod/mini';
import type { Action, Contract, Limit } from '../../../shared/contracts/contract.ts';
import { ERRORS, retryAfterOf, type ErrorCode } from '../../../shared/contracts/errors.ts';
import { routesOf, type Route } from '../http/routes.ts';

type Json = Record<string, unknown>;
type ObjectSchema = Json & { properties?: Record<string, Json>; required?: string[] };

const schemaOf = (schema: z.ZodMiniType, io: 'input' | 'output'): ObjectSchema => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' });
  return rest as ObjectSchema;
};

const parameter = (
  source: 'path' | 'query' | 'header',
  name: string,
  schema: Json,
  required: boolean,
): Json => ({
  in: source,
  name,
  required,
  schema,
});

const KEY_HEADER = parameter(
  'header',
  'Idempotency-Key',
  {
    type: 'string',
    minLength: 1,
    maxLength: 255,
    description: 'A unique value for each operation; a retry sends the same value',
  },
  true,
);

const paramsOf = (route: Route, schema: ObjectSchema): { parameters: Json[]; rest: ObjectSchema } => {
  const properties = { ...schema.properties };
  const required = new Set(schema.required);
  const parameters: Json[] = [];
  const move = (source: 'path' | 'query' | 'header', name: string, shown: string): void => {
    const property = properties[name];
    if (!property) return;
    parameters.push(parameter(source, shown, property, source === 'path' || required.has(name)));
    delete properties[name];
    required.delete(name);
  };
  for (const name of route.pathNames) move('path', name, name);
  for (const [name, header] of route.headers) move('header', name, header);
  if (route.source === 'query') for (const name of Object.keys(properties)) move('query', name, name);
  if (route.session === 'refresh') delete properties['refreshToken'];
  if (route.session === 'start') delete properties['deviceToken'];
  if (route.takesKey) parameters.push(KEY_HEADER);
  return { parameters, rest: { ...schema, properties, required: [...required] } };
};

const bodyOf = (route: Route, rest: ObjectSchema): Json | null => {
  if (route.source === 'query') return null;
  if (route.source === 'raw') {
    return {
      required: true,
      content: {
        'application/json': { schema: { description: 'Any body; its bytes are passed on unchanged' } },
      },
    };
  }
  if (Object.keys(rest.properties ?? {}).length === 0) return null;
  return { required: true, content: { 'application/json': { schema: rest } } };
};

const errorCodesOf = (route: Route): ErrorCode[] => {
  const { action } = route;
  const codes: ErrorCode[] = ['bad_request', 'invalid_params', ...action.errors];
  if (route.source === 'json') codes.push('malformed_json', 'unsupported_media_type');
  if (route.source !== 'query') codes.push('body_too_large');
  if (route.roles !== null) codes.push('unauthenticated', 'token_expired', 'session_ended');
  if (route.roles?.length) codes.push('forbidden');
  if (route.write && (route.roles !== null || route.session !== null)) codes.push('cross_site');
  if (action.limit) codes.push('rate_limited');
  return [...new Set<ErrorCode>([...codes, 'internal', 'unavailable', 'timeout'])];
};

const headerRefs = (...names: (keyof typeof HEADERS)[]): Json =>
  Object.fromEntries(names.map((name) => [name, { $ref: `#/components/headers/${name}` }]));

const headed = (headers: Json): Json => (Object.keys(headers).length === 0 ? {} : { headers });

const errorResponses = (route: Route): Json => {
  const byStatus = Map.groupBy(errorCodesOf(route), (code) => ERRORS[code][0]);
  return Object.fromEntries(
    [...byStatus].map(([status, codes]) => [
      status,
      {
        description: codes.map((code) => `\`${code}\`: ${ERRORS[code][1]}`).join('\n\n'),
        ...(codes.some(retryAfterOf) && headed(headerRefs('Retry-After'))),
        content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
      },
    ]),
  );
};

const amount = (count: number | undefined): count is number => count !== undefined && count > 0;

/** The limits of an action as a sentence for readers. */
const limitsText = ({ perAccountPerMinute, perAddressPerMinute, costs = {} }: Limit): string => {
  const limits = [
    ...(amount(perAccountPerMinute) ? [`${perAccountPerMinute} of an account`] : []),
    ...(amount(perAddressPerMinute) ? [`${perAddressPerMinute} of an address`] : []),
  ];
  if (limits.length === 0) return '';
  const dearer = Object.entries(costs).map(([name, cost]) => `A request with \`${name}\` counts as ${cost}.`);
  return [`Requests a minute: at most ${limits.join(' and ')}.`, ...dearer].join(' ');
};

const resultOf = (route: Route): Json => {
  const isLimited = limitsText(route.action.limit ?? {}) !== '';
  const limited = isLimited ? headerRefs('RateLimit-Policy', 'RateLimit') : {};
  if (route.status === 204) return { description: 'Done', ...headed(limited) };
  const result = schemaOf(route.action.result, 'output');
  if (route.session !== null) {
    delete result.properties?.['tokens'];
    result.required = result.required?.filter((name) => name !== 'tokens');
  }
  const content = { 'application/json': { schema: result } };
  if (!route.locationOf) return { description: 'Success', ...headed(limited), content };
  const location = { description: 'The path of what was created', schema: { type: 'string' } };
  return { description: 'Created', headers: { Location: location, ...limited }, content };
};

const operationOf = (route: Route, action: Action, service: string): Json => {
  const { parameters, rest } = paramsOf(route, schemaOf(action.params, 'input'));
  const body = bodyOf(route, rest);
  return {
    operationId: action.name,
    tags: [service],
    summary: action.summary,
    description: limitsText(action.limit ?? {}),
    'x-rate-limit': action.limit ?? {},
    parameters,
    ...(body ? { requestBody: body } : {}),
    responses: { [route.status]: resultOf(route), ...errorResponses(route) },
    security: route.roles === null ? [] : [{ bearer: [] }, { cookie: [] }],
  };
};

const header = (description: string, type: 'string' | 'integer') => ({ description, schema: { type } });

const HEADERS = {
  'Retry-After': header('Seconds until the same request may succeed', 'integer'),
  'RateLimit-Policy': header(
    'The limits of this request: the quota `q` in a window of `w` seconds, of the account and of the ' +
      'address (draft-ietf-httpapi-ratelimit-headers-10); on every answer, refusals included',
    'string',
  ),
  RateLimit: header('What is left of each limit, `r`, for the next `t` seconds', 'string'),
} as const;

const PROBLEM_SCHEMA = {
  type: 'object',
  description: 'Problem details (RFC 9457); `code` is stable, `detail` is a text for people',
  required: ['type', 'title', 'status', 'detail', 'code', 'requestId'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', enum: Object.keys(ERRORS) },
    requestId: { type: 'string' },
    errors: {
      type: 'array',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: { path: { type: 'string' }, message: { type: 'string' }, code: { type: 'string' } },
      },
    },
  },
};

/** The contracts as OpenAPI 3.1: every action that has an HTTP route, with every error it can return. */
export const openApiDocument = (
  contracts: readonly Contract[],
  options: { publicUrl: string; accessCookie: string },
): Json => {
  const paths: Record<string, Record<string, Json>> = {};
  for (const contract of contracts) {
    for (const [path, methods] of routesOf([contract])) {
      const operations = (paths[path.replaceAll(/:(\w+)/g, '{$1}')] ??= {});
      for (const [method, route] of methods) {
        operations[method.toLowerCase()] = operationOf(route, route.action, contract.service);
      }
    }
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Payloom', version: '1', description: 'Payments between customers and vendors.' },
    servers: [{ url: options.publicUrl }],
    tags: contracts.map(({ service }) => ({ name: service })),
    paths,
    components: {
      schemas: { Problem: PROBLEM_SCHEMA },
      headers: HEADERS,
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        cookie: { type: 'apiKey', in: 'cookie', name: options.accessCookie },
      },
    },
  };
};
