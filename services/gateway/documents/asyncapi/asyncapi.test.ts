import * as z from 'zod/mini';
import { encode } from '../../../../broker/events/wire.ts';
import { CONTRACTS } from '../../../../shared/contracts/all.ts';
import type { Contract, Event, Message } from '../../../../shared/contracts/contract.ts';
import { EVENT_PROPERTIES } from '../../../../shared/contracts/documentation/event-properties.ts';
import {
  socketClose,
  socketMessage,
  socketNotice,
  welcome,
} from '../../../../shared/contracts/socket-packets.ts';
import { nodesOf, type Schema } from '../../testing/document.ts';
import { linksOf } from '../../testing/page-links.ts';
import { asyncApiDocument } from './document.ts';
import { pageOf, type AsyncApi } from './page.ts';

const json = asyncApiDocument(CONTRACTS, { publicUrl: 'https://pay.test' });
const document = json as unknown as AsyncApi & { channels: Record<string, object>; servers: object };
const { messages } = document.components;
const all = <T>(of: (contract: Contract) => Readonly<Record<string, T>> | undefined): T[] =>
  CONTRACTS.flatMap((contract) => Object.values(of(contract) ?? {}));
const events = all<Event>(({ events: ones }) => ones);
const packets = all<Message>(({ messages: ones }) => ones);

test('every event, socket message and webhook is documented, and nothing else', () => {
  const webhooks = all(({ actions }) => actions).filter(({ http }) => http?.body === 'raw');
  const names = [...events, ...packets, ...webhooks].map(({ name }) => name);
  expect(Object.keys(messages).sort()).toEqual([...names, 'socket.welcome', 'socket.close'].sort());
});

test('every reference leads to something', () => {
  const dangling = nodesOf(json).filter(([path, { $ref }]) => {
    if (typeof $ref !== 'string' || path.endsWith('/properties')) return false;
    const keys = $ref.slice(2).split('/');
    return keys.reduce<unknown>((inside, key) => (inside as Schema | undefined)?.[key], json) === undefined;
  });
  expect(dangling).toEqual([]);
});

test('an event names its publisher and its subscribers', () => {
  const of = Object.entries(document.operations).filter(
    ([, { channel }]) => channel.$ref === '#/channels/payments.created',
  );
  expect(of.map(([id]) => id)).toEqual([
    'payments.created.publish',
    'payments.created.subscribe.admin',
    'payments.created.subscribe.realtime',
  ]);
});

test('the headers of events are those that are sent', () => {
  for (const event of events) {
    const message = {
      id: 'evt_1',
      event: event.name,
      version: event.version,
      payload: '{}',
      occurredAtMs: 1,
    };
    const sent = encode({ ...message, requestId: 'req_1', origin: '{}' }, 'events', 'payments', true);
    const { properties = {}, required = [] } = messages[event.name]?.headers ?? {};
    expect(Object.keys(properties)).toEqual(Object.keys(sent.options.headers ?? {}));
    expect(properties['version']?.['const']).toBe(event.version);
    const least = encode({ ...message, requestId: null, origin: null }, 'events', 'payments', true);
    expect(required).toEqual(Object.keys(least.options.headers ?? {}));
  }
});

test('the examples are what the contracts say, with every field that is required', () => {
  const exampleOf = (name: string) => messages[name]?.examples[0].payload;
  for (const { name, payload } of events) {
    expect([name, z.safeParse(payload, exampleOf(name)).error?.issues]).toEqual([name, undefined]);
  }
  for (const { name, payload, notice } of packets) {
    const packet = z.parse(
      notice ? z.strictObject(socketNotice.shape) : z.strictObject(socketMessage.shape),
      exampleOf(name),
    );
    expect(packet.name).toBe(name);
    expect([name, z.safeParse(payload, packet.payload).error?.issues]).toEqual([name, undefined]);
  }
  expect(z.safeParse(welcome, exampleOf('socket.welcome')).success).toBe(true);
  expect(z.safeParse(socketClose, exampleOf('socket.close')).success).toBe(true);
});

test('every property has a text, and every text a property', () => {
  const properties = Object.values(messages).flatMap(({ name, payload }) =>
    nodesOf(payload).flatMap(([path, node]) =>
      path.endsWith('/properties')
        ? []
        : Object.entries(node.properties ?? {}).map(([key, schema]) => ({ name, key, schema })),
    ),
  );
  const without = properties.filter(
    ({ key, schema }) => key !== 'payload' && !schema.description && !schema.$ref && !('const' in schema),
  );
  expect(without.map(({ name, key }) => `${name}.${key}`)).toEqual([]);
  const known = new Set(properties.flatMap(({ name, key }) => [key, `${name}.${key}`]));
  expect(Object.keys(EVENT_PROPERTIES).filter((key) => !known.has(key))).toEqual([]);
});

test('schemas have no keyword that draft-07 does not know', () => {
  const later = ['$defs', 'prefixItems', 'unevaluatedProperties', 'dependentRequired', 'discriminator'];
  const found = nodesOf(json).flatMap(([path, node]) =>
    later.filter((key) => key in node).map((key) => `${path}/${key}`),
  );
  expect(found).toEqual([]);
});

test('the page has every message once, and every link within it leads somewhere', () => {
  const { ids, dangling } = linksOf(pageOf(document));
  expect(ids).toEqual([...new Set(ids)]);
  expect(ids).toEqual(expect.arrayContaining(Object.keys(messages)));
  expect(dangling).toEqual([]);
});
