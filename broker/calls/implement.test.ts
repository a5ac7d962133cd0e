import { createSecretKey } from 'node:crypto';
import * as z from 'zod/mini';
import { contract } from '../../shared/contracts/contract.ts';
import type { SessionId, UserId } from '../../shared/contracts/ids.ts';
import { seal, type Caller } from './envelope.ts';
import type { AppError } from './errors.ts';
import { callerOf, fieldErrorsOf } from './implement.ts';
import { defineService } from '../process/service.ts';
import { startServices, type TestServices } from '../testing/start-services.ts';

const base = { summary: 'x', params: z.strictObject({}), errors: [], idempotent: 'read' as const };
const result = z.object({ answer: z.string() });
const demo = contract('demo', {
  actions: {
    open: { ...base, permission: 'anyone', result },
    mine: { ...base, permission: 'signed-in', result },
    admins: { ...base, permission: ['ADMIN'], result },
    services: { ...base, permission: 'services', result },
    keyed: { ...base, permission: 'signed-in', result, idempotent: 'key' },
    strict: { ...base, permission: 'anyone', result, params: z.strictObject({ n: z.int() }) },
    slow: { ...base, permission: 'anyone', result, timeoutMs: 60 },
    nested: { ...base, permission: 'signed-in', result },
    breaks: { ...base, permission: 'anyone', result },
  },
  events: {},
});

const yes = async () => ({ answer: 'yes', secret: 'never returned' });
const service = defineService({
  contract: demo,
  config: z.object({}),
  actions: {
    open: yes,
    mine: async (_service, call) => ({ answer: callerOf(call).userId }),
    admins: yes,
    services: yes,
    keyed: async (_service, call) => ({ answer: call.idempotencyKey ?? '' }),
    strict: async (_service, call) => ({ answer: String(call.params.n) }),
    slow: () =>
      new Promise<{ answer: string }>((resolve) => setTimeout(() => resolve({ answer: 'late' }), 500)),
    nested: (_service, call) => call.call(demo.actions.mine, {}),
    breaks: async () => {
      throw new TypeError('internal details');
    },
  },
});

const caller = (role: Caller['role']): Caller => ({
  userId: 'usr_1' as UserId,
  sessionId: 'ses_1' as SessionId,
  role,
});
const customer = { as: caller('CUSTOMER') };
const { actions } = demo;
const BAD_KEY = 'idempotency_key_invalid';

let app: TestServices;
beforeAll(async () => {
  app = await startServices([service]);
});
afterAll(() => app.stop());

describe('an action', () => {
  it.each([
    ['anyone', actions.open, {}, 'yes'],
    ['no user, signed-in only', actions.mine, {}, 'unauthenticated'],
    ['a customer, signed-in only', actions.mine, customer, 'usr_1'],
    ['a customer, administrators only', actions.admins, customer, 'forbidden'],
    ['an administrator', actions.admins, { as: caller('ADMIN') }, 'yes'],
    ['a request from outside, services only', actions.services, customer, 'forbidden'],
    ['a service', actions.services, { from: 'other' }, 'yes'],
    ['a service for its own caller', actions.nested, customer, 'usr_1'],
    ['without a key', actions.keyed, customer, 'idempotency_key_missing'],
    [
      'with a key that is no printable ASCII',
      actions.keyed,
      { ...customer, idempotencyKey: 'k\ud800' },
      BAD_KEY,
    ],
    ['with a key', actions.keyed, { ...customer, idempotencyKey: 'k-1' }, 'k-1'],
    ['past its time limit', actions.slow, {}, 'timeout'],
    ['after its deadline', actions.open, { deadlineAtMs: 1 }, 'timeout'],
    ['that throws', actions.breaks, {}, 'internal'],
  ] as const)('called by or %s', async (_who, action, as, outcome) => {
    const given = await app.call(action, {}, as).then(
      ({ answer }) => answer,
      (error: AppError) => error.code,
    );
    expect(given).toBe(outcome);
  });

  it('returns no field that its contract does not name', async () => {
    expect(await app.call(actions.open, {})).toEqual({ answer: 'yes' });
  });

  it('names the fields that are wrong', async () => {
    const error = await app
      .call(actions.strict, { n: 1.5, extra: 1 } as never)
      .catch((thrown: AppError) => thrown);
    expect(error).toMatchObject({
      code: 'invalid_params',
      data: { errors: [{ path: 'n' }, { path: 'extra' }] },
    });
  });

  it('takes no text that cannot be stored, wherever it stands', async () => {
    const nul = 'must not contain the character U+0000';
    const half = 'must not contain half of a surrogate pair (U+D800 to U+DFFF)';
    const card = '4242 4242 4242 4242';
    const given = {
      n: 'a\ud800',
      list: ['x', { deep: '\u0000' }],
      tags: { 'k\udc00': 'x', 'a\u0000b': 'x', [card]: '\ud800' },
    };
    await expect(app.call(actions.strict, given as never)).rejects.toMatchObject({
      code: 'invalid_params',
      data: {
        errors: [
          { path: 'n', message: half },
          { path: 'list.1.deep', message: nul },
          { path: 'tags.k\\udc00', message: half },
          { path: 'tags.a\\u0000b', message: nul },
          { path: 'tags', message: half },
        ],
      },
    });
  });

  it('cannot be called on the bus without an envelope signed with its service’s key', async () => {
    const keys = () => createSecretKey(Buffer.alloc(32, 7));
    const envelope = {
      to: 'demo.admins',
      from: 'gateway',
      caller: caller('ADMIN'),
      requestId: 'r',
      deadlineAtMs: Number.MAX_SAFE_INTEGER,
      idempotencyKey: null,
      address: null,
      userAgent: null,
    };
    const forged = [
      undefined,
      {},
      { text: '{}', mac: '' },
      JSON.parse(JSON.stringify(seal(envelope, keys, {}))),
    ];
    for (const call of forged) {
      await expect(app.bus('demo.admins', {}, { call })).rejects.toMatchObject({ code: 'forbidden' });
    }
  });
});

describe('fieldErrorsOf', () => {
  it('reports a union by the branch that matches best', () => {
    const schema = z.strictObject({
      payee: z.union([
        z.strictObject({ email: z.email({ error: 'must be an address' }) }),
        z.strictObject({ id: z.string() }),
      ]),
    });
    const { error } = schema.safeParse({ payee: { email: 'x' } });
    expect(fieldErrorsOf(error?.issues ?? [])).toEqual([
      { path: 'payee.email', message: 'must be an address' },
    ]);
  });

  it('reports a key of a record by its rules', () => {
    const key = z.string().check(z.maxLength(2, { error: 'must have at most 2 characters' }));
    const { error } = z.strictObject({ tags: z.record(key, z.string()) }).safeParse({ tags: { long: 'x' } });
    expect(fieldErrorsOf(error?.issues ?? [])).toEqual([
      { path: 'tags.long', message: 'must have at most 2 characters' },
    ]);
  });

  it('names the object of a key that holds a card number, not the key', () => {
    const tags = z.record(z.string(), z.string());
    const { error } = z.strictObject({ tags }).safeParse({ tags: { '4242 4242 4242 4242': 1 } });
    expect(fieldErrorsOf(error?.issues ?? [])).toMatchObject([{ path: 'tags' }]);
    const { error: unknown } = z.strictObject({ tags }).safeParse({ tags: {}, '4242424242424242': 'x' });
    expect(fieldErrorsOf(unknown?.issues ?? [])).toMatchObject([{ path: '' }]);
  });
});
