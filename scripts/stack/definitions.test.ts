import { definitions, passwordHash, resourcesOf } from './definitions.ts';

it('a password is hashed as RabbitMQ expects it', () => {
  // The worked example of https://www.rabbitmq.com/docs/passwords#computing-password-hash
  expect(passwordHash('test12', Buffer.from('908DC60A', 'hex'))).toBe(
    'kI3GCqW5JLMJa4iX1lo7X4D6XbYqlLgxIs30+P6tENUV2POR',
  );
});

describe('the resources of a service', () => {
  const isOwn = (name: string) => new RegExp(`^(${resourcesOf('payments')})$`).test(name);

  it.each([
    'MOL.INFO',
    'MOL.REQ.payments-1-0a1b2c',
    'MOL.RES.payments-12-0a1b2c',
    'events',
    'events.payments',
    'events.payments.retry.3',
    'events.payments.dead',
    'events.payments.process.payments-1-0a1b2c',
  ])('include %s', (name) => expect(isOwn(name)).toBe(true));

  it.each([
    'MOL.REQ.auth-1-0a1b2c',
    'events.auth',
    'events.auth.dead',
    'events.payments2',
    'amq.topic',
    'other',
  ])('do not include %s', (name) => expect(isOwn(name)).toBe(false));
});

it('a service may publish its own events only, and there is no default user', () => {
  const services = ['auth', 'processor-sandbox'].map((name) => ({ name, password: 'x' }));
  const { users, topic_permissions: topics } = definitions(services, 'y');
  expect(users.map(({ name }) => name)).toEqual(['auth', 'processor-sandbox', 'operator']);
  const auth = new RegExp(topics[0]?.write ?? '');
  expect(['auth.userChanged', 'payments.completed', 'authority.x'].map((key) => auth.test(key))).toEqual([
    true,
    false,
    false,
  ]);
});

it('a service may bind the queues of its subscribers, and neither read nor declare or delete them', () => {
  const { permissions } = definitions([{ name: 'auth', password: 'x' }], 'y');
  const allows = (kind: 'configure' | 'write' | 'read', queue: string) =>
    new RegExp(permissions[0]?.[kind] ?? '').test(queue);
  expect(allows('write', 'events.realtime')).toBe(true);
  expect(allows('configure', 'events.realtime') || allows('read', 'events.realtime')).toBe(false);
  for (const other of ['events.realtime.dead', 'events.gateway', 'events.realtime2'])
    expect(allows('write', other)).toBe(false);
});
