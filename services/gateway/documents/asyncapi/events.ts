import type { Contract, Event } from '../../../../shared/contracts/contract.ts';
import { exampleOf } from '../examples.ts';
import type { Json, SchemaRegistry } from '../schemas.ts';
import { channelMessageRef, channelRef, messageOf, messageRef, serverRef, type Parts } from './messages.ts';

const AMQP = { is: 'routingKey', exchange: { name: 'events', type: 'topic', durable: true } };
const DELIVERY = { deliveryMode: 2, ack: true, timestamp: true };

/** The headers of a message, as `broker/events/wire.ts` writes them. */
const headersOf = ({ version }: Event): Json => ({
  type: 'object',
  required: ['version', 'occurredAtMs'],
  properties: {
    version: { type: 'integer', const: version, description: 'The version of the payload’s schema.' },
    occurredAtMs: { type: 'integer', description: 'When it happened, in milliseconds since 1970.' },
    requestId: { type: 'string', description: 'The request that caused it.' },
    requestOrigin: { type: 'string', description: 'JSON text: who made the request, and its trace.' },
  },
});

const eventMessage = (event: Event, { convert, schemas }: SchemaRegistry): Json => {
  const { name, summary, version } = event;
  const payload = convert(event.payload, 'output', name);
  const headers = {
    version,
    occurredAtMs: Date.parse('2026-11-23T09:30:00Z'),
    requestId: 'req_019ac2f4b7a07c3e9d415e0a2b6c0101',
  };
  return messageOf(name, summary, {
    headers: headersOf(event),
    payload,
    'x-version': version,
    example: { headers, payload: exampleOf(payload, schemas, name) },
  });
};

/** Events: a channel for each, with the service that publishes it and the services that subscribe. */
export const eventParts = (contracts: readonly Contract[], registry: SchemaRegistry): Parts => {
  const parts: Parts = { channels: {}, operations: {}, messages: {} };
  for (const { service, events } of contracts) {
    for (const event of Object.values(events)) {
      const { name, summary, subscribers = [] } = event;
      parts.messages[name] = eventMessage(event, registry);
      parts.channels[name] = {
        address: name,
        summary: `${summary}.`,
        servers: [serverRef('events')],
        messages: { [name]: messageRef(name) },
        bindings: { amqp: AMQP },
      };
      const operation = {
        channel: channelRef(name),
        messages: [channelMessageRef(name, name)],
        bindings: { amqp: DELIVERY },
      };
      parts.operations[`${name}.publish`] = {
        action: 'send',
        summary: `The service ${service} publishes it.`,
        ...operation,
      };
      for (const subscriber of subscribers) {
        parts.operations[`${name}.subscribe.${subscriber}`] = {
          action: 'receive',
          summary: `The service ${subscriber} subscribes, with the queue events.${subscriber}.`,
          ...operation,
        };
      }
    }
  }
  return parts;
};
