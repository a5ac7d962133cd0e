import type { UserId } from '../../../shared/contracts/ids.ts';
import { detailsOf, type Origin } from './details.ts';

const id = (prefix: string, digit: string) => `${prefix}_${digit.repeat(32)}`;
const [ADA, BOB, CAT] = [id('usr', 'a'), id('usr', 'b'), id('usr', 'c')] as const;
const origin = {
  caller: { userId: ADA as UserId, role: 'ADMIN', sessionId: id('ses', '1') },
  address: '192.0.2.7',
  userAgent: 'curl/8',
  traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
} satisfies Origin;
const stranger: Origin = { caller: null, address: '192.0.2.8', userAgent: 'curl/9' };
const AT = '2026-11-23T09:30:00.000Z';

it('of an administrator’s decision are who, on whom, why, from where, and both states', () => {
  const roleChanged = {
    userId: BOB,
    role: 'VENDOR',
    previousRole: 'CUSTOMER',
    by: ADA,
    reason: 'Asked',
    at: AT,
  };
  expect(detailsOf(roleChanged, origin, null)).toEqual({
    actorId: ADA,
    actorRole: 'ADMIN',
    personId: BOB,
    targetType: 'user',
    targetId: BOB,
    people: [ADA, BOB],
    address: '192.0.2.7',
    device: 'curl/8',
    sessionId: id('ses', '1'),
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    reason: 'Asked',
    before: { role: 'CUSTOMER' },
    after: { userId: BOB, role: 'VENDOR' },
  });
});

it('of an approved act are of who asked, without the address, device and session of who approved', () => {
  const suspended = { userId: BOB, by: CAT, reason: 'Asked', at: AT };
  expect(detailsOf(suspended, origin, null)).toMatchObject({
    actorId: CAT,
    actorRole: null,
    address: null,
    device: null,
    sessionId: null,
    traceId: origin.traceId,
  });
});

it('of a payment name all parties; its state moves without an actor where nobody asked', () => {
  const payment = { id: id('pay', '1'), payerId: BOB, payeeId: CAT, amountMinor: 5, status: 'completed' };
  expect(detailsOf(payment, null, null)).toMatchObject({
    actorId: null,
    personId: CAT,
    targetType: 'payment',
    targetId: id('pay', '1'),
    people: [BOB, CAT],
    address: null,
  });
});

it('of a sign-in are of the user who signs in, who is not signed in yet', () => {
  const started = { sessionId: id('ses', '2'), userId: BOB, device: 'Firefox', address: '192.0.2.8' };
  expect(detailsOf(started, stranger, null)).toMatchObject({
    actorId: BOB,
    actorRole: null,
    targetType: 'session',
  });
});

it('of a lockout blame nobody: not the account whose password was guessed', () => {
  const locked = {
    kind: 'account',
    subject: 'bob@example.com',
    userId: BOB,
    address: '192.0.2.8',
    failures: 5,
  };
  const details = detailsOf(locked, stranger, null);
  expect(details).toMatchObject({ actorId: null, personId: BOB, people: [BOB], address: '192.0.2.8' });
});

it('of a job or an operator have no actor', () => {
  const rotated = { keyId: 'key_1', by: null, reason: 'scheduled', at: AT };
  expect(detailsOf(rotated, origin, null)).toMatchObject({
    actorId: null,
    targetType: 'key',
    targetId: 'key_1',
  });
});

it('keep what later events say, whatever it is, and states that are given as such', () => {
  const event = { id: ADA, before: { name: 'A' }, after: { name: 'B' }, list: [{ userId: BOB }], at: AT };
  expect(detailsOf(event, null, { email: 'a@example.com' })).toMatchObject({
    people: [ADA, BOB],
    before: { email: 'a@example.com', name: 'A' },
    after: { id: ADA, list: [{ userId: BOB }], name: 'B' },
  });
});

it('hold no secret, at any depth', () => {
  const event = {
    userId: BOB,
    passwordHash: 'x',
    device: { refreshToken: 'rt_1', name: 'Phone' },
    codes: [{ secret: 1 }],
    note: 'card 4242 4242 4242 4242',
    revoke: true,
  };
  expect(detailsOf(event, null, null).after).toEqual({
    userId: BOB,
    passwordHash: '[removed]',
    device: { refreshToken: '[removed]', name: 'Phone' },
    codes: [{ secret: '[removed]' }],
    note: '[removed]',
    revoke: true,
  });
});
