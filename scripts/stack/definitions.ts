import { createHash, randomBytes } from 'node:crypto';
import { CONTRACTS } from '../../shared/contracts/all.ts';

/** The login of the REPL, `npm run events` and tests: it may do everything. */
export const OPERATOR = 'operator';

type User = { name: string; password: string };

/**
 * How RabbitMQ keeps a password: base64(salt + sha256(salt + password)), its salt four bytes long
 * (https://www.rabbitmq.com/docs/passwords#computing-password-hash).
 */
export const passwordHash = (password: string, salt = randomBytes(4)): string =>
  Buffer.concat([salt, createHash('sha256').update(salt).update(password).digest()]).toString('base64');

const escaped = (name: string): string => name.replaceAll(/[.*+?^${}()|[\]\\-]/g, '\\$&');

/** A regular expression for a service's resources: its queues, what all nodes share, the events' exchange. */
export const resourcesOf = (service: string): string =>
  `MOL\\.[A-Z]+(\\.${escaped(service)}-.*)?|events|events\\.${escaped(service)}(\\..*)?`;

/**
 * The queues of the services that subscribe to events of `service`, which binds them to its events. To
 * declare them it would also need permission to read them (https://www.rabbitmq.com/docs/dlx#permissions).
 */
const subscribersQueuesOf = (service: string): string => {
  const contract = CONTRACTS.find((one) => one.service === service);
  const subscribers = Object.values(contract?.events ?? {}).flatMap((event) => event.subscribers ?? []);
  return [...new Set(subscribers)].map((name) => `|events\\.${escaped(name)}`).join('');
};

const permissionsOf = (service: string) => ({
  vhost: '/',
  user: service,
  configure: `^(${resourcesOf(service)})$`,
  write: `^(${resourcesOf(service)}${subscribersQueuesOf(service)}|amq\\.default)$`,
  read: `^(${resourcesOf(service)})$`,
});

/**
 * What RabbitMQ imports at each start: one user per service, which may publish only this service's events,
 * and the operator. RabbitMQ makes no default user where definitions are given.
 */
export const definitions = (services: readonly User[], operatorPassword: string) => ({
  vhosts: [{ name: '/' }],
  users: [...services, { name: OPERATOR, password: operatorPassword }].map(({ name, password }) => ({
    name,
    password_hash: passwordHash(password),
    hashing_algorithm: 'rabbit_password_hashing_sha256',
    tags: name === OPERATOR ? ['administrator'] : [],
    limits: {},
  })),
  permissions: [
    ...services.map(({ name }) => permissionsOf(name)),
    { vhost: '/', user: OPERATOR, configure: '.*', write: '.*', read: '.*' },
  ],
  topic_permissions: services.map(({ name }) => ({
    vhost: '/',
    user: name,
    exchange: 'events',
    write: `^${escaped(name)}\\.`,
    read: '.*',
  })),
});
