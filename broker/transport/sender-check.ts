/** What every packet says about itself; the rest depends on its kind. */
export type Payload = {
  sender: string;
  id?: string;
  services?: { name: string }[];
  timeout?: number;
  metadata?: { session?: unknown };
};

/** Logins that speak for every service: one process with several services, and the operator's tools. */
const TRUSTED = new Set(['payloom', 'operator']);

/** `payments-1-0f3a9c` -> `payments`; a process with several services has a `+` between them. */
const serviceOf = (nodeId: string): string => nodeId.replace(/-\d+-[0-9a-f]+$/, '');

/**
 * Whether a packet may say what it says: RabbitMQ has checked `user` against the sender's login (property
 * user-id, https://www.rabbitmq.com/docs/validated-user-id), and a service's login speaks for that service
 * only.
 * @param own this process's own login, whose other processes are as trusted as this one
 */
export const maySay = (user: unknown, { sender, services = [] }: Payload, own: string): boolean => {
  if (typeof user !== 'string' || typeof sender !== 'string') return false;
  if (user === own || TRUSTED.has(user)) return true;
  return serviceOf(sender) === user && services.every((service) => service.name === user);
};
