import { senderOfSignal } from '../calls/signals.ts';

/** Packets by Moleculer's names. To all processes: through a fanout exchange as well as by name. */
export const TO_ONE = ['REQ', 'RES', 'EVENT', 'PONG'];
export const TO_ALL = ['DISCOVER', 'INFO', 'DISCONNECT', 'HEARTBEAT', 'PING'];

/** The common fields of all packets. */
export type Payload = {
  sender: string;
  id?: string;
  services?: { name: string }[];
  /** The name of an event packet's event. */
  event?: unknown;
  timeout?: number;
  metadata?: { session?: unknown };
};

/** Users that may act for every service: a process with several services, and the operator's tools. */
const TRUSTED = new Set(['payloom', 'operator']);

/** `payments-1-0f3a9c` -> `payments`; a process with several services has a `+` between them. */
const serviceOf = (nodeId: string): string => nodeId.replace(/-\d+-[0-9a-f]+$/, '');

/** The services of a process, by its node's id. */
export const servicesOfNode = (nodeId: string): string[] => serviceOf(nodeId).split('+');

/**
 * Whether a packet's sender is genuine: RabbitMQ has checked `user` against the login (property user-id,
 * https://www.rabbitmq.com/docs/validated-user-id), and a service's user may act for that service only.
 * @param own this process's own user, whose other processes are equally trusted
 */
const isGenuine = (user: unknown, { sender, services = [] }: Payload, own: string): boolean => {
  if (typeof user !== 'string' || typeof sender !== 'string') return false;
  if (user === own || TRUSTED.has(user)) return true;
  return serviceOf(sender) === user && services.every((service) => service.name === user);
};

/** This process: its login and its node. */
type Own = { user: string; nodeId: string };

/**
 * Whether a user may send an event packet: only signals cross the bus, each from its own service.
 * @param own its login counts where services share it, not where it is that of one service
 */
export const maySignal = (user: unknown, event: unknown, own: Own): boolean => {
  const sender = senderOfSignal(event);
  if (sender === null || typeof user !== 'string') return false;
  if (user === sender || TRUSTED.has(user)) return true;
  return user === own.user && serviceOf(own.nodeId) !== own.user;
};

/**
 * Whether a packet's sender is genuine, and may send such a packet.
 * @param own this process's login
 * @param nodeId this process's node
 */
export const isAllowed = (
  kind: string,
  user: unknown,
  payload: Payload,
  own: string,
  nodeId: string,
): boolean =>
  isGenuine(user, payload, own) &&
  (kind !== 'EVENT' || maySignal(user, payload.event, { user: own, nodeId }));
