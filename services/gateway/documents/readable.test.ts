import { createConfig, lintFromString } from '@redocly/openapi-core';
import * as z from 'zod/mini';
import type { Action } from '../../../shared/contracts/contract.ts';
import { PROPERTIES } from '../../../shared/contracts/documentation/properties.ts';
import {
  actions,
  bodyOf,
  document,
  nodes,
  nodesOf,
  operations,
  requestSchema,
  resolve,
  schemas,
  type Operation,
  type Schema,
} from '../testing/document.ts';
import { isPortable } from './patterns.ts';

const actionOf = ({ operationId }: Operation): Action => {
  const found = actions.find(({ name }) => name === operationId);
  if (!found) throw new Error(`no action ${operationId}`);
  return found;
};

test('Redocly finds nothing to correct', async () => {
  const config = await createConfig({ extends: ['recommended'] });
  const source = JSON.stringify(document);
  const problems = await lintFromString({ source, absoluteRef: '/openapi.json', config });
  expect(problems.map(({ ruleId, message, location }) => [ruleId, message, location[0]?.pointer])).toEqual(
    [],
  );
});

test('patterns and bounds mean the same in every language', () => {
  const patterns = nodes.flatMap(([path, { pattern }]) =>
    typeof pattern === 'string' ? [[path, pattern]] : [],
  );
  expect(patterns.length).toBeGreaterThan(4);
  expect(patterns.filter(([, pattern]) => !isPortable(pattern ?? ''))).toEqual([]);
  const bounds = nodes.flatMap(([, node]) => [node['minimum'], node['maximum']]);
  expect(bounds.filter((bound) => typeof bound === 'number' && Math.abs(bound) > 2 ** 31)).toEqual([]);
  expect(requestSchema('auth.register').properties?.['email']).toMatchObject({
    format: 'idn-email',
    maxLength: 254,
  });
  expect(requestSchema('auth.register').properties?.['password']?.description).toBe(
    'The password. It must contain a lower-case letter, must contain an upper-case letter, must ' +
      'contain a ' +
      'digit, must contain a symbol.',
  );
});

test('everything that a reader may ask about has a description', () => {
  const hasText = (one: Schema): boolean =>
    [one, ...((one['anyOf'] as Schema[] | undefined) ?? [])].some(
      (part) => part.description || (part.$ref && resolve(part).description),
    );
  const parts = [
    ...nodes.flatMap(([path, { properties }]) =>
      Object.entries(path.endsWith('/example') ? {} : (properties ?? {})).map(
        ([name, part]) => [`${path}/${name}`, part] as const,
      ),
    ),
    ...Object.entries(schemas),
    ...Object.entries(document.components.responses),
    ...Object.entries(document.components.headers),
    ...document.tags.map((tag) => [tag.name, tag] as const),
    ...operations.flatMap(({ operation: one }) => [
      [one.operationId, one] as const,
      ...one.parameters.map((item) => [`${one.operationId} ${item.name}`, item] as const),
    ]),
  ];
  expect(parts.filter(([, part]) => !hasText(part as Schema)).map(([name]) => name)).toEqual([]);
});

test('no text is about a property that the document does not have', () => {
  const names = nodes.flatMap(([, { properties }]) => Object.keys(properties ?? {}));
  const parameters = operations.flatMap(({ operation: one }) =>
    one.parameters.flatMap(({ name }) => [
      ...[name, `${one.operationId}.${name}`],
      `${one.operationId.split('.')[0]}.*.${name}`,
    ]),
  );
  const ofSchemas = Object.entries(schemas).flatMap(([owner, schema]) =>
    nodesOf(schema).flatMap(([, { properties }]) =>
      Object.keys(properties ?? {}).map((name) => `${owner}.${name}`),
    ),
  );
  const ofBodies = operations.flatMap(({ operation: { operationId } }) =>
    Object.keys(requestSchema(operationId).properties ?? {}).map((name) => `${operationId}.${name}`),
  );
  const known = new Set([...names, ...parameters, ...ofSchemas, ...ofBodies]);
  expect(Object.keys(PROPERTIES).filter((key) => !known.has(key))).toEqual([]);
});

test('a schema with a name stands once and is referred to', () => {
  const shapes = Object.entries(schemas).map(([name, schema]) => {
    const { description: _, ...shape } = schema;
    return [JSON.stringify(shape), name] as const;
  });
  const named = new Map(shapes.filter(([, name]) => !name.endsWith('Request')));
  const copies = nodes.filter(([path, node]) => {
    const { description: _, ...shape } = node;
    const name = named.get(JSON.stringify(shape));
    return node['type'] === 'object' && name !== undefined && path !== `/components/schemas/${name}`;
  });
  expect(copies.map(([path]) => path)).toEqual([]);
  expect(Object.keys(schemas)).toEqual(
    expect.arrayContaining(['Payment', 'User', 'Session', 'Problem', 'Notification', 'Currency', 'Tokens']),
  );
});

test('the examples are what the contracts take and return', () => {
  for (const { operation: one } of operations) {
    const { params, result, http } = actionOf(one);
    const given = one.parameters.flatMap(({ name, example }) =>
      example === undefined ? [] : [[name, example]],
    );
    const {
      'Idempotency-Key': _,
      'stripe-signature': signature,
      ...parameters
    } = Object.fromEntries(given) as Record<string, unknown>;
    const body = bodyOf(one.requestBody?.content)?.example;
    // The gateway makes the params of a file.
    if (http?.body === 'file') continue;
    const sent =
      http?.body === 'raw' ? { body: JSON.stringify(body), signature } : { ...parameters, ...(body ?? {}) };
    expect([one.operationId, z.safeParse(params, sent).error?.issues]).toEqual([one.operationId, undefined]);
    const [, success] = Object.entries(one.responses).find(([status]) => Number(status) < 300) ?? [];
    const answer = bodyOf(success?.content)?.example;
    if (answer === undefined) continue;
    const tokens = { accessToken: 'a', refreshToken: 'r', expiresInS: 600 };
    const whole = http?.session ? { ...answer, tokens } : answer;
    expect([one.operationId, z.safeParse(result, whole).data]).toEqual([one.operationId, whole]);
  }
});

test('requests have an example of each field, but of those that are another answer', () => {
  const without = operations.flatMap(({ operation: one }) => {
    const example = bodyOf(one.requestBody?.content)?.example ?? {};
    const fields = Object.keys(requestSchema(one.operationId).properties ?? {});
    const parameters = one.parameters.filter((item) => item.example === undefined).map(({ name }) => name);
    return [...fields.filter((name) => !Object.hasOwn(example, name)), ...parameters];
  });
  expect([...new Set(without)].sort()).toEqual(['cursor', 'deviceToken']);
});

test('patterns that only some languages read are recognised', () => {
  const portable = ['^pay_[0-9a-f]{32}$', '^(?:a|b)*$', '[^a-z.]+', '\\.', '\\x1f'];
  const others = [
    '\\p{L}',
    '[^\\P{Cc}]',
    '\\u{1F600}',
    '(?=a)',
    '(?<!a)',
    '(?<name>a)',
    '\\d',
    'a\\1',
    '[a-z&&[^b]]',
  ];
  expect(portable.map(isPortable)).toEqual(portable.map(() => true));
  expect(others.map(isPortable)).toEqual(others.map(() => false));
});
