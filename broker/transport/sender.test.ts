import { maySignal } from './sender.ts';

const gateway = { user: 'gateway', nodeId: 'gateway-1-0a1b2c' };
const sharedLogin = { user: 'app', nodeId: 'gateway-1-0a1b2c' };
const signal = 'signal.auth.revoked';

it.each([
  ['the service itself', 'auth', signal, gateway, true],
  ['a process of all services', 'payloom', signal, gateway, true],
  ['the operator', 'operator', signal, gateway, true],
  ['another service', 'payments', signal, gateway, false],
  ['another process of the receiving service', 'gateway', signal, gateway, false],
  ['any process where all services share one login', 'app', signal, sharedLogin, true],
  ['an unknown user', undefined, signal, gateway, false],
  ['the service, with an event that is no signal', 'auth', 'cache.clean', gateway, false],
  ['the operator, with an internal event of Moleculer', 'operator', '$node.disconnected', gateway, false],
  ['the service, without the name of an event', 'auth', undefined, gateway, false],
])('a signal of auth from %s', (_case, user, event, own, accepted) => {
  expect(maySignal(user, event, own)).toBe(accepted);
});
