import * as z from 'zod/mini';
import type { Action, Contract, Event, Message } from '../../shared/contracts/contract.ts';
import { refusals, type Refusal, type Schema } from './compare-schemas.ts';

/** `breaking`: clients that work today fail. `risky`: some may. */
export type Change = { level: 'breaking' | 'risky' | 'compatible'; of: string; text: string };
type Level = Change['level'];

const schemaOf = (schema: z.ZodMiniType, io: 'input' | 'output'): Schema => {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any', reused: 'inline' });
  return rest as Schema;
};

const INPUT_WORDS: Record<Refusal['what'], (refusal: Refusal) => string> = {
  type: ({ path, given, taken }) => `${path} must be ${taken}, was ${given}`,
  missing: ({ path }) => `${path} is required`,
  unknown: ({ path }) => `${path} is refused`,
  value: ({ path, given, taken }) => `${path} refuses ${given}; it takes ${taken}`,
  bounds: ({ path, given, taken }) => `${path} has ${taken}, had ${given}`,
};
const OUTPUT_WORDS: Record<Refusal['what'], (refusal: Refusal) => string> = {
  type: ({ path, given, taken }) => `${path} may be ${given}, was ${taken}`,
  missing: ({ path }) => `${path} may be missing`,
  unknown: ({ path }) => `${path} is new`,
  value: ({ path, given }) => `${path} may be ${given}`,
  bounds: ({ path, given, taken }) => `${path} has ${given}, had ${taken}`,
};

/** What callers send today has to be taken. */
const inputChanges = (of: string, before: z.ZodMiniType, now: z.ZodMiniType, level: Level): Change[] =>
  refusals(schemaOf(before, 'input'), schemaOf(now, 'input'), 'params', { passOver: false }).map(
    (refusal) => ({
      level,
      of,
      text: INPUT_WORDS[refusal.what](refusal),
    }),
  );

/** What is sent now has to be what readers of today expect; they pass over unknown properties. */
const outputChanges = (
  of: string,
  name: string,
  before: z.ZodMiniType,
  now: z.ZodMiniType,
  level: Level,
): Change[] =>
  refusals(schemaOf(now, 'output'), schemaOf(before, 'output'), name, { passOver: true }).map((refusal) => ({
    level: refusal.what === 'value' || refusal.what === 'bounds' ? 'risky' : level,
    of,
    text: OUTPUT_WORDS[refusal.what](refusal),
  }));

type Rights = Action['permission'];
/** Whether everybody who was allowed still is. */
const allowsAll = (before: Rights, now: Rights): boolean => {
  if (now === 'anyone' || before === now) return true;
  if (before === 'anyone' || before === 'signed-in') return now === 'signed-in' && before === 'signed-in';
  if (now === 'signed-in') return before !== 'services';
  return Array.isArray(before) && Array.isArray(now) && before.every((role) => now.includes(role));
};

/** What of a route clients rely on, beside params and result. */
const routeParts = ({ http, idempotent }: Action) => ({
  route: http?.route,
  status: http?.status ?? 200,
  body: http?.body ?? 'json',
  headers: http?.headers ?? {},
  session: http?.session,
  download: http?.download?.type,
  image: http?.image,
  'Idempotency-Key': idempotent === 'key',
});

const actionChanges = (before: Action, now: Action): Change[] => {
  const of = before.name;
  // Only other services call it; processes of both builds run at the same time for a while.
  const level: Level = before.http ? 'breaking' : 'risky';
  const [past, present] = [routeParts(before), routeParts(now)];
  const routes = (Object.keys(past) as (keyof typeof past)[])
    .filter((key) => JSON.stringify(past[key]) !== JSON.stringify(present[key]))
    .filter(() => before.http)
    .map((key): Change => {
      const [was, is] = [past[key], present[key]].map((value) => JSON.stringify(value) ?? 'none');
      const text = `${key}: ${is} instead of ${was}`;
      return { level: key === 'Idempotency-Key' && !present[key] ? 'compatible' : level, of, text };
    });
  const rights: Change[] = allowsAll(before.permission, now.permission)
    ? []
    : [
        {
          level,
          of,
          text: `fewer may call it: ${String(now.permission)} instead of ${String(before.permission)}`,
        },
      ];
  const codes = now.errors.filter((code) => !before.errors.includes(code));
  return [
    ...routes,
    ...rights,
    ...inputChanges(of, before.params, now.params, level),
    ...(before.http?.download || before.http?.image
      ? []
      : outputChanges(of, 'result', before.result, now.result, level)),
    ...codes.map((code): Change => ({ level: 'risky', of, text: `new error ${code}` })),
  ];
};

/** Messages under way are read by the new build, and new ones by processes of the old build. */
const eventChanges = (before: Event, now: Event): Change[] => {
  const of = before.name;
  if (now.version !== before.version) {
    const isUpgraded = now.version > before.version && now.earlier?.[before.version] !== undefined;
    const text = `version ${now.version} instead of ${before.version}`;
    return isUpgraded
      ? [{ level: 'compatible', of, text }]
      : [{ level: 'breaking', of, text: `${text}, without \`earlier\` for the messages that are under way` }];
  }
  const [was, is] = [schemaOf(before.payload, 'output'), schemaOf(now.payload, 'output')];
  const toOld = outputChanges(of, 'payload', before.payload, now.payload, 'breaking');
  const underWay = refusals(was, is, 'payload', { passOver: true });
  return [
    ...toOld,
    ...underWay.map((one): Change => ({
      level: 'breaking',
      of,
      text: `${INPUT_WORDS[one.what](one)}, in messages under way`,
    })),
  ].map((change) => ({ ...change, text: `${change.text}; raise the version, add \`earlier\`` }));
};

const messageChanges = (before: Message, now: Message): Change[] => [
  ...(before.notice === now.notice
    ? []
    : [{ level: 'breaking' as const, of: before.name, text: 'another kind of packet' }]),
  ...outputChanges(before.name, 'payload', before.payload, now.payload, 'breaking'),
];

type Named = { name: string };
const byName = <T extends Named>(
  contracts: readonly Contract[],
  of: (contract: Contract) => object | undefined,
) =>
  new Map(
    contracts
      .flatMap((one) => Object.values((of(one) ?? {}) as Record<string, T>))
      .map((one) => [one.name, one]),
  );

const compareKind = <T extends Named>(
  [before, now]: readonly [Map<string, T>, Map<string, T>],
  what: string,
  compare: (before: T, now: T) => Change[],
  levelOfRemoved: (one: T) => Level,
): Change[] => [
  ...[...before.values()].flatMap((one): Change[] => {
    const present = now.get(one.name);
    if (present) return compare(one, present);
    return [{ level: levelOfRemoved(one), of: one.name, text: `the ${what} is gone` }];
  }),
  ...[...now.keys()]
    .filter((name) => !before.has(name))
    .map((of): Change => ({ level: 'compatible', of, text: `a new ${what}` })),
];

/** All that differs between two versions of the contracts and may concern clients. */
export const compareContracts = (before: readonly Contract[], now: readonly Contract[]): Change[] => {
  const pair = <T extends Named>(of: (contract: Contract) => object | undefined) =>
    [byName<T>(before, of), byName<T>(now, of)] as const;
  return [
    ...compareKind(
      pair<Action>(({ actions }) => actions),
      'action',
      actionChanges,
      ({ http }) => (http ? 'breaking' : 'risky'),
    ),
    ...compareKind(
      pair<Event>(({ events }) => events),
      'event',
      eventChanges,
      () => 'breaking',
    ),
    ...compareKind(
      pair<Message>(({ messages }) => messages),
      'message',
      messageChanges,
      () => 'breaking',
    ),
  ];
};
