import type { Contract } from '../../../../shared/contracts/contract.ts';
import { routesOf, type Route } from '../../http/routes.ts';
import { WEBHOOK_EXAMPLE } from '../operations.ts';
import type { Json } from '../schemas.ts';
import { channelMessageRef, channelRef, messageOf, messageRef, serverRef, type Parts } from './messages.ts';

const SIGNATURE = 't=1795426200,v1=5257a869e7ecebeda32affa62cdca3fa51cad7e77a0e56ff536d0ce8e108d8bd';

const webhookMessage = ({ action, headers }: Route): Json => {
  const names = headers.map(([, header]) => header);
  const signature = { type: 'string', description: 'The signature of the body.' };
  return messageOf(action.name, action.summary, {
    headers: {
      type: 'object',
      required: names,
      properties: Object.fromEntries(names.map((name) => [name, signature])),
    },
    payload: {
      type: 'object',
      description: 'An event of the card processor; its bytes are what is signed.',
      required: Object.keys(WEBHOOK_EXAMPLE),
      properties: {
        id: { type: 'string', description: 'The same for every delivery.' },
        type: { type: 'string', description: 'What happened.' },
      },
    },
    example: {
      headers: Object.fromEntries(names.map((name) => [name, SIGNATURE])),
      payload: WEBHOOK_EXAMPLE,
    },
  });
};

/** Routes that take a signed body byte for byte. */
export const webhookParts = (contracts: readonly Contract[]): Parts => {
  const parts: Parts = { channels: {}, operations: {}, messages: {} };
  for (const [path, methods] of routesOf(contracts)) {
    for (const route of methods.values()) {
      if (route.source !== 'raw') continue;
      const { name, summary } = route.action;
      parts.messages[name] = webhookMessage(route);
      parts.channels[name] = {
        address: path,
        summary: `${summary}.`,
        servers: [serverRef('webhooks')],
        messages: { [name]: messageRef(name) },
      };
      parts.operations[`${name}.receive`] = {
        action: 'receive',
        summary: 'The gateway takes it.',
        channel: channelRef(name),
        messages: [channelMessageRef(name, name)],
        bindings: { http: { method: route.method } },
      };
    }
  }
  return parts;
};
