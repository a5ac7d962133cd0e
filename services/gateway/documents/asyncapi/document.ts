import type { Contract } from '../../../../shared/contracts/contract.ts';
import { API_VERSION } from '../../../../shared/contracts/version.ts';
import { schemaRegistry, type Json } from '../schemas.ts';
import { eventParts } from './events.ts';
import type { Parts } from './messages.ts';
import { socketParts } from './socket.ts';
import { webhookParts } from './webhooks.ts';

const INTRODUCTION = `What Payloom sends without being asked, and what it takes from others.

**Socket messages** go to pages and API clients over Socket.IO: in the order of their numbers, again after
a lost connection.

**Webhooks** are sent to Payloom by the card processor, signed.

**Events** travel between services over RabbitMQ: at least once, in any order, each with an id that stays
the same.

What is asked for over HTTP is in the OpenAPI document.`;

const serversOf = (publicUrl: string): Json => {
  const { host, protocol } = new URL(publicUrl);
  const secure = protocol === 'https:' ? 's' : '';
  return {
    sockets: { host, protocol: `ws${secure}`, description: 'The gateway, for sockets.' },
    webhooks: { host, protocol: `http${secure}`, description: 'The gateway, for webhooks.' },
    events: {
      host: 'rabbitmq:5672',
      protocol: 'amqp',
      protocolVersion: '0.9.1',
      description: 'RabbitMQ, which only services reach.',
    },
  };
};

/**
 * The contracts as AsyncAPI 3.1: messages on sockets, webhooks and events. Schemas are of draft-07, the only
 * one that AsyncAPI's parser checks.
 */
export const asyncApiDocument = (
  contracts: readonly Contract[],
  { publicUrl }: { publicUrl: string },
): Json => {
  const registry = schemaRegistry('draft-7');
  const parts = [socketParts(contracts, registry), webhookParts(contracts), eventParts(contracts, registry)];
  const merged = (key: keyof Parts): Json => Object.assign({}, ...parts.map((part) => part[key])) as Json;
  return {
    asyncapi: '3.1.0',
    info: {
      title: 'Payloom',
      version: API_VERSION,
      description: INTRODUCTION,
      license: { name: 'MIT', url: 'https://opensource.org/license/mit' },
      contact: { name: 'Payloom', url: publicUrl },
    },
    defaultContentType: 'application/json',
    servers: serversOf(publicUrl),
    channels: merged('channels'),
    operations: merged('operations'),
    components: { messages: merged('messages'), schemas: registry.schemas },
  };
};
