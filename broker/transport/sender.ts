/** The common fields of all packets. */
export type Payload = {
  sender: string;
  id?: string;
  services?: { name: string }[];
  timeout?: number;
  metadata?: { session?: unknown };
};

/** Users that may act for every service: a process with several services, and the operator's tools. */
const TRUSTED = new Set(['payloom', 'operator']);

/** `payments-1-0f3a9c` -> `payments`; a process with several services has a `+` between them. */
const serviceOf = (nodeId: string): string => nodeId.replace(/-\d+-[0-9a-f]+$/, '');

/**
 * Whether a packet's sender is genuine: RabbitMQ has checked `user` against the login (property user-id,
 * https://www.rabbitmq.com/docs/validated-user-id), and a service's user may act for that service only.
 * @param own this process's own user, whose other processes are equally trusted
 */
export const isGenuine = (user: unknown, { sender, services = [] }: Payload, own: string): boolean => {
  if (typeof user !== 'string' || typeof sender !== 'string') return false;
  if (user === own || TRUSTED.has(user)) return true;
  return serviceOf(sender) === user && services.every((service) => service.name === user);
};
