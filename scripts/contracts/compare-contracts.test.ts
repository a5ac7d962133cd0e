import * as z from 'zod/mini';
import { CONTRACTS } from '../../shared/contracts/all.ts';
import { contract, earlier, type Contract } from '../../shared/contracts/contract.ts';
import { compareContracts } from './compare-contracts.ts';
import { contractsAt, NoSuchRef } from './contracts-at.ts';
import { isAllowed } from './diff.ts';

type Parts = {
  params?: z.ZodMiniType;
  result?: z.ZodMiniType;
  payload?: z.ZodMiniType;
  message?: z.ZodMiniType;
  permission?: 'anyone' | 'signed-in' | 'services' | readonly ('CUSTOMER' | 'VENDOR' | 'ADMIN')[];
  route?: `POST /${string}`;
  status?: 201;
  version?: number;
  isUpgraded?: boolean;
};

const none = z.strictObject({});
const withParts = (parts: Parts): Contract => {
  const { params = none, result = none, payload = none, message = none, version = 1 } = parts;
  const { permission = 'signed-in', route = 'POST /api/things', status, isUpgraded = false } = parts;
  return contract('things', {
    actions: {
      make: {
        summary: 'Make a thing',
        http: { route, ...(status && { status }) },
        permission,
        params,
        result,
        errors: [],
        idempotent: 'no',
      },
    },
    events: {
      made: {
        summary: 'A thing was made',
        version,
        payload,
        ...(isUpgraded && { earlier: { 1: earlier(none, () => ({})) } }),
      },
    },
    messages: { thingMade: { summary: 'A thing was made', payload: message } },
  });
};
const changes = (before: Parts, now: Parts) =>
  compareContracts([withParts(before)], [withParts(now)]).map(
    ({ level, of, text }) => `${level} ${of} ${text}`,
  );

const one = (schema: z.ZodMiniType) => z.strictObject({ a: schema });
const open = (schema: z.ZodMiniType) => z.object({ a: schema });
const [text, number] = [z.string(), z.number()];
const kinds = (...names: string[]) =>
  z.discriminatedUnion('kind', names.map((name) => z.object({ kind: z.literal(name), a: text })) as never);

test.each<[string, z.ZodMiniType, z.ZodMiniType, string[]]>([
  ['nothing', one(text), one(text), []],
  ['a param that is new and optional', none, one(z.optional(text)), []],
  ['a param that is new and required', none, one(text), ['params.a is required']],
  ['a param that becomes required', one(z.optional(text)), one(text), ['params.a is required']],
  ['a param with a default', none, one(z._default(text, 'x')), []],
  ['a param that is gone', one(text), none, ['params.a is refused']],
  ['another type', one(text), one(number), ['params.a must be number, was string']],
  ['a wider type', one(z.int()), one(number), []],
  ['a type more', one(text), one(z.union([text, number])), []],
  ['a type less', one(z.union([text, number])), one(text), ['params.a must be string, was number']],
  ['null no more', one(z.nullable(text)), one(text), ['params.a must be string, was null']],
  ['a value more', one(z.enum(['x'])), one(z.enum(['x', 'y'])), []],
  ['a value less', one(z.enum(['x', 'y'])), one(z.enum(['x'])), ['params.a refuses "y"; it takes "x"']],
  ['a list of values', one(text), one(z.enum(['x'])), ['params.a refuses any; it takes "x"']],
  ['a length', one(text), one(text.check(z.maxLength(3))), ['params.a has maxLength 3, had maxLength none']],
  ['a longer text', one(text.check(z.maxLength(3))), one(text.check(z.maxLength(4))), []],
  ['a pattern', one(text), one(text.check(z.regex(/^a/))), ['params.a has pattern "^a", had pattern none']],
  ['a field of items', one(z.array(one(text))), one(z.array(none)), ['params.a[].a is refused']],
  ['a kind more', kinds('x'), kinds('x', 'y'), []],
  ['all kinds but one less', kinds('x', 'y'), kinds('x'), ['params.kind refuses "y"; it takes "x"']],
  ['a kind less', kinds('x', 'y', 'z'), kinds('x', 'z'), ['params refuses "y"; it takes others']],
])('params: %s', (_what, params, now, expected) => {
  expect(changes({ params }, { params: now })).toEqual(
    expected.map((words) => `breaking things.make ${words}`),
  );
});

test.each<[string, z.ZodMiniType, z.ZodMiniType, string[]]>([
  ['a field that is new', none, open(text), []],
  ['a field that is gone', open(text), z.object({}), ['breaking things.make result.a may be missing']],
  [
    'a field that becomes optional',
    open(text),
    open(z.optional(text)),
    ['breaking things.make result.a may be missing'],
  ],
  [
    'a field that may be null',
    open(text),
    open(z.nullable(text)),
    ['breaking things.make result.a may be null, was string'],
  ],
  ['another type', open(text), open(number), ['breaking things.make result.a may be number, was string']],
  ['a new value', open(z.enum(['x'])), open(z.enum(['x', 'y'])), ['risky things.make result.a may be "y"']],
  ['a new kind', kinds('x', 'z'), kinds('x', 'y', 'z'), ['risky things.make result may be "y"']],
  ['a value less', open(z.enum(['x', 'y'])), open(z.enum(['x'])), []],
])('result: %s', (_what, result, now, expected) => {
  expect(changes({ result }, { result: now })).toEqual(expected);
});

test.each<[string, Parts, Parts, string[]]>([
  [
    'another path',
    {},
    { route: 'POST /api/others' },
    ['route: "POST /api/others" instead of "POST /api/things"'],
  ],
  ['another status', {}, { status: 201 }, ['status: 201 instead of 200']],
  ['more may call it', { permission: ['ADMIN'] }, { permission: 'signed-in' }, []],
  [
    'fewer may call it',
    { permission: 'anyone' },
    { permission: ['ADMIN'] },
    ['fewer may call it: ADMIN instead of anyone'],
  ],
])('route: %s', (_what, before, now, expected) => {
  expect(changes(before, now)).toEqual(expected.map((words) => `breaking things.make ${words}`));
});

test.each<[string, Parts, Parts, string[]]>([
  ['a field that is new and optional', {}, { payload: open(z.optional(text)) }, []],
  [
    'a field that is new, which messages under way do not have',
    { payload: z.object({}) },
    { payload: open(text) },
    ['breaking things.made payload.a is required, in messages under way; raise the version, add `earlier`'],
  ],
  [
    'a field that is gone, which processes of the old build need',
    { payload: open(text) },
    { payload: z.object({}) },
    ['breaking things.made payload.a may be missing; raise the version, add `earlier`'],
  ],
  [
    'a version with an upgrade',
    { payload: open(text) },
    { payload: z.object({}), version: 2, isUpgraded: true },
    ['compatible things.made version 2 instead of 1'],
  ],
  [
    'a version without one',
    {},
    { version: 2 },
    ['breaking things.made version 2 instead of 1, without `earlier` for the messages that are under way'],
  ],
])('event: %s', (_what, before, now, expected) => {
  expect(changes(before, now)).toEqual(expected);
});

test('message: a field that is gone', () => {
  expect(changes({ message: open(text) }, {})).toEqual([
    'breaking things.thing-made payload.a may be missing',
  ]);
});

test('what is gone breaks, what is new does not', () => {
  const empty = contract('things', { actions: {}, events: {} });
  const levels = (before: Contract, now: Contract) =>
    compareContracts([before], [now]).map(({ level, text: words }) => [level, words]);
  const names = ['action', 'event', 'message'];
  expect(levels(withParts({}), empty)).toEqual(names.map((name) => ['breaking', `the ${name} is gone`]));
  expect(levels(empty, withParts({}))).toEqual(names.map((name) => ['compatible', `a new ${name}`]));
});

test('what breaks clients needs another version', () => {
  const [breaking, risky] = (['breaking', 'risky'] as const).map((level) => ({ level, of: 'a', text: 'b' }));
  expect([
    isAllowed([breaking!], '1', '1'),
    isAllowed([breaking!], '1', '2'),
    isAllowed([risky!], '1', '1'),
  ]).toEqual([false, true, true]);
});

test('contracts do not differ from themselves, nor from those of their own commit', async () => {
  expect(compareContracts(CONTRACTS, CONTRACTS)).toEqual([]);
  const { contracts } = await contractsAt('HEAD');
  expect(compareContracts(contracts, contracts)).toEqual([]);
  expect(contracts.map(({ service }) => service)).toEqual(CONTRACTS.map(({ service }) => service));
  await expect(contractsAt('no-such-ref')).rejects.toThrow(NoSuchRef);
  await expect(contractsAt('--help')).rejects.toThrow(NoSuchRef);
});
