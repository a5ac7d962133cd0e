import type { Contract, Message } from '../../../../shared/contracts/contract.ts';
import { SOCKET_MESSAGES, SOCKET_PATH } from '../../../../shared/contracts/realtime.ts';
import {
  socketClose,
  socketMessage,
  socketNotice,
  welcome,
} from '../../../../shared/contracts/socket-packets.ts';
import { exampleOf } from '../examples.ts';
import type { Json, Schema, SchemaRegistry } from '../schemas.ts';
import { channelMessageRef, channelRef, messageOf, messageRef, serverRef, type Parts } from './messages.ts';

const CHANNEL = 'socket';
const DESCRIPTION = `Socket.IO 4 over WebSocket or long polling. A browser sends its session cookie; any other
client sends the \`ticket\` of \`POST /api/realtime/tickets\` in the \`auth\` of the handshake, and with
\`after\` the number of the last message that it handled, to get those that it missed. A client sends
nothing after the handshake.`;

const AT = '2026-11-23T09:30:00.000Z';
const SEQ = 41;
const USER = 'usr_019ac2f4b7a07c3e9d415e0a2b6c0a01';

const packetMessage = (message: Message, { convert, schemas }: SchemaRegistry): Json => {
  const { name, summary, notice } = message;
  const payload = convert(message.payload, 'output', name);
  const packet = convert(notice ? socketNotice : socketMessage, 'output', 'socket') as Schema;
  const { seq, at, traceparent } = packet.properties ?? {};
  const properties = {
    ...(seq && { seq: { ...seq, description: 'Grows by one with each message to a user.' } }),
    ...(at && { at }),
    name: { type: 'string', const: name, description: 'The name of the message.' },
    payload,
    ...(traceparent && {
      traceparent: { ...traceparent, description: 'For requests that follow from it (W3C Trace Context).' },
    }),
  };
  const example = { name, payload: exampleOf(payload, schemas, name) };
  return messageOf(name, summary, {
    payload: { ...packet, properties },
    'x-socket-io-event': notice ? SOCKET_MESSAGES.notice : SOCKET_MESSAGES.message,
    example: { payload: notice ? example : { seq: SEQ, at: AT, ...example } },
  });
};

/** Messages on sockets: one channel, on which the server sends. */
export const socketParts = (contracts: readonly Contract[], registry: SchemaRegistry): Parts => {
  const { convert } = registry;
  const ofContracts = contracts.flatMap((contract) => Object.values(contract.messages ?? {}));
  const messages = {
    'socket.welcome': messageOf('socket.welcome', 'Once after connecting', {
      payload: convert(welcome, 'output', 'socket.welcome'),
      'x-socket-io-event': SOCKET_MESSAGES.welcome,
      example: { payload: { userId: USER, seq: SEQ, reread: false } },
    }),
    ...Object.fromEntries(ofContracts.map((one) => [one.name, packetMessage(one, registry)])),
    'socket.close': messageOf('socket.close', 'Before the server closes the socket', {
      payload: convert(socketClose, 'output', 'socket.close'),
      'x-socket-io-event': SOCKET_MESSAGES.close,
      example: { payload: { reason: 'restart' } },
    }),
  };
  const names = Object.keys(messages);
  return {
    messages,
    channels: {
      [CHANNEL]: {
        address: SOCKET_PATH,
        title: 'Sockets',
        description: DESCRIPTION,
        servers: [serverRef('sockets')],
        messages: Object.fromEntries(names.map((name) => [name, messageRef(name)])),
        bindings: { ws: { method: 'GET' } },
      },
    },
    operations: {
      'socket.send': {
        action: 'send',
        summary: 'Says what has changed; clients read the present state over HTTP.',
        channel: channelRef(CHANNEL),
        messages: names.map((name) => channelMessageRef(CHANNEL, name)),
      },
    },
  };
};
