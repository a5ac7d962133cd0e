import type { Action, Limit } from '../../../shared/contracts/contract.ts';
import { RESULT_EXAMPLES, TOPICS } from '../../../shared/contracts/documentation/actions.ts';
import type { Route } from '../http/routes.ts';
import { exampleOf, propertyExample } from './examples.ts';
import { errorResponses, headerRefs, pascal } from './responses.ts';
import { nameIn, textOf, type Json, type Schema, type SchemaRegistry } from './schemas.ts';

const IDEMPOTENCY_KEY: Json = {
  in: 'header',
  name: 'Idempotency-Key',
  required: true,
  description:
    'A value of your own for each payment that you mean to make, such as a UUID. Send the same one when ' +
    'you ask again because an answer was lost: the payment is made once. Kept for at least 24 hours.',
  schema: { type: 'string', minLength: 1, maxLength: 255 },
  example: '3f6b1d0e-5a55-4c0b-8a5e-1c6f0c0a9d11',
};

type Taken = { parameters: Json[]; rest: Schema };

/** Splits an action's params into the parameters of its route and what its body holds. */
const takeParameters = (route: Route, schema: Schema, named: SchemaRegistry['schemas']): Taken => {
  const owner = route.action.name;
  const properties = { ...schema.properties };
  const required = new Set(schema.required);
  const parameters: Json[] = [];
  const take = (source: 'path' | 'query' | 'header', name: string, shown: string): void => {
    const property = properties[name];
    if (!property) return;
    delete properties[name];
    const { description = textOf(owner, shown)?.text, ...rest } = property;
    const example = propertyExample(rest, named, owner, shown);
    parameters.push({
      in: source,
      name: shown,
      required: source === 'path' || required.has(name),
      description: description ?? named[nameIn(rest.$ref ?? '')]?.description,
      schema: rest,
      ...(example === undefined ? {} : { example }),
    });
    required.delete(name);
  };
  for (const name of route.pathNames) take('path', name, name);
  for (const [name, shown] of route.headers) take('header', name, shown);
  // The gateway itself asks for the parts of a file.
  if (route.download) delete properties['cursor'];
  if (route.source === 'query') for (const name of Object.keys(properties)) take('query', name, name);
  if (route.session === 'refresh') delete properties['refreshToken'];
  if (route.session === 'start') delete properties['deviceToken'];
  if (route.takesKey) parameters.push(IDEMPOTENCY_KEY);
  const { required: _, ...rest } = schema;
  return { parameters, rest: { ...rest, properties, ...(required.size > 0 && { required: [...required] }) } };
};

/** The parts of a webhook that every one has. */
export const WEBHOOK_EXAMPLE = { id: 'evt_1Q2w3E4r5T6y', type: 'payment_intent.succeeded' };

const jsonContent = (schema: Schema, example: unknown): Json => ({
  content: { 'application/json': { schema, ...(example === undefined ? {} : { example }) } },
});

const requestBodyOf = (route: Route, rest: Schema, { add, schemas }: SchemaRegistry): Json => {
  if (route.source === 'query') return {};
  if (route.source === 'raw') {
    const body = jsonContent(
      { type: 'object', description: 'Any body; its bytes are passed on unchanged.' },
      WEBHOOK_EXAMPLE,
    );
    return { requestBody: { required: true, description: 'An event of the card processor.', ...body } };
  }
  if (route.source === 'file') {
    const schema = { type: 'string', format: 'binary', description: 'The content of the file.' };
    const content = Object.fromEntries(
      ['image/png', 'image/jpeg', 'image/webp'].map((type) => [type, { schema }]),
    );
    return { requestBody: { required: true, description: 'The file itself.', content } };
  }
  if (Object.keys(rest.properties ?? {}).length === 0) return {};
  const name = `${pascal(route.action.name)}Request`;
  const description = `What \`${route.method} ${route.path}\` takes.`;
  const example = exampleOf(rest, schemas, route.action.name);
  const body = jsonContent(add(name, { description, ...rest }), example);
  return { requestBody: { required: (rest.required ?? []).length > 0, ...body } };
};

const amount = (count: number | undefined): count is number => count !== undefined && count > 0;

/** The limits of an action as a sentence for readers. */
const limitsText = ({ perAccountPerMinute, perAddressPerMinute, costs = {} }: Limit): string => {
  const limits = [
    ...(amount(perAccountPerMinute) ? [`${perAccountPerMinute.toLocaleString('en')} of an account`] : []),
    ...(amount(perAddressPerMinute) ? [`${perAddressPerMinute.toLocaleString('en')} of an address`] : []),
  ];
  if (limits.length === 0) return '';
  const dearer = Object.entries(costs).map(([name, cost]) => `A request with \`${name}\` counts as ${cost}.`);
  return [`Requests a minute: at most ${limits.join(' and ')}.`, ...dearer].join(' ');
};

const ROLE_WORDS = { CUSTOMER: 'customers', VENDOR: 'vendors', ADMIN: 'administrators' } as const;

const permissionText = ({ permission }: Action): string => {
  if (typeof permission !== 'string')
    return `For ${permission.map((role) => ROLE_WORDS[role]).join(' and ')}.`;
  return permission === 'anyone' ? 'Needs no access token.' : 'For everybody who is signed in.';
};

/** The topic of an action, and what it says of the action. */
const topicOf = (action: Action): { tag: string; text: string | undefined } => {
  for (const { name, actions } of TOPICS) {
    const found = actions.find(([one]) => one === action);
    if (found) return { tag: name, text: found[1] };
  }
  const [service = ''] = action.name.split('.');
  const ofService = TOPICS.find(({ actions }) => actions.some(([one]) => one.name.startsWith(`${service}.`)));
  return { tag: ofService?.name ?? service, text: undefined };
};

/** What readers are to know of an action: what it does, who may run it and how often. */
export const descriptionOf = (action: Action): string => {
  const { text = `${action.summary}.` } = topicOf(action);
  const texts = [text, permissionText(action), limitsText(action.limit ?? {})];
  return texts.filter((one) => one !== '').join('\n\n');
};

const successOf = (route: Route, registry: SchemaRegistry): Json => {
  const { action, session, status } = route;
  const headers = headerRefs(
    'X-Request-Id',
    ...(route.locationOf ? (['Location'] as const) : []),
    ...(session === null ? [] : (['Set-Cookie'] as const)),
    ...(route.isRevalidated ? (['ETag'] as const) : []),
    ...(route.takesKey ? (['Idempotent-Replayed'] as const) : []),
    ...(limitsText(action.limit ?? {}) === '' ? [] : (['RateLimit-Policy', 'RateLimit'] as const)),
  );
  if (status === 204) return { description: 'Done; no body.', headers };
  if (route.download) {
    const [type = ''] = route.download.type.split(';');
    const content = { [type]: { schema: { type: 'string', description: 'The content of the file.' } } };
    return { description: 'A file.', headers, content };
  }
  if (route.image !== null) {
    const schema = { type: 'string', format: 'binary', description: 'The image.' };
    return { description: 'An image.', headers, content: { [route.image]: { schema } } };
  }
  // The tokens of a session are in its cookies.
  const omitted = session === null ? [] : ['tokens'];
  const converted = registry.convert(action.result, 'output', action.name, omitted);
  const schema = converted.$ref
    ? converted
    : registry.add(`${pascal(action.name)}Result`, {
        description: `What \`${route.method} ${route.path}\` returns.`,
        ...converted,
      });
  const example = { ...(exampleOf(schema, registry.schemas, '') as Json), ...RESULT_EXAMPLES.get(action) };
  return { description: status === 201 ? 'Created.' : 'Success.', headers, ...jsonContent(schema, example) };
};

const UNCHANGED: Json = {
  description: 'The answer that If-None-Match names is still the present one; no body.',
  headers: headerRefs('X-Request-Id', 'ETag'),
};

const securityOf = ({ roles, session }: Route): Json[] => {
  if (session === 'refresh') return [{ refreshCookie: [] }];
  return roles === null ? [] : [{ bearer: [] }, { cookie: [] }];
};

/** Turns routes into operations; `registry` takes the schemas they refer to. */
export const operationWriter = (registry: SchemaRegistry) => {
  const errors = errorResponses();
  const operationOf = (route: Route): Json => {
    const { action } = route;
    const { tag } = topicOf(action);
    const schema = registry.convert(action.params, 'input', action.name);
    const { parameters, rest } = takeParameters(route, schema, registry.schemas);
    return {
      operationId: action.name,
      tags: [tag],
      summary: action.summary,
      description: descriptionOf(action),
      'x-rate-limit': action.limit ?? {},
      parameters,
      ...requestBodyOf(route, rest, registry),
      responses: {
        [route.status]: successOf(route, registry),
        ...(route.isRevalidated ? { 304: UNCHANGED } : {}),
        ...errors.of(route),
      },
      security: securityOf(route),
    };
  };
  return { ...errors, operationOf };
};
