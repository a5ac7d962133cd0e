import { ID_PREFIXES, type UserId } from '../../../shared/contracts/ids.ts';
import { withoutSecrets } from '../../../shared/contracts/without-secrets.ts';

/** Who made the request that caused an event, and from where. */
export type Origin = {
  caller: { userId: UserId; role: string; sessionId: string } | null;
  address: string | null;
  userAgent: string | null;
  traceId?: string | null | undefined;
};

export type State = Readonly<Record<string, unknown>>;

/** What an audit entry says of an event, found in its payload by the names that all contracts use. */
export type Details = {
  actorId: UserId | null;
  actorRole: string | null;
  personId: UserId | null;
  targetType: string | null;
  targetId: string | null;
  /** Every user whom the event names, the actor included. */
  people: UserId[];
  address: string | null;
  device: string | null;
  sessionId: string | null;
  traceId: string | null;
  reason: string | null;
  before: State | null;
  after: State | null;
};

const USER_ID = /^usr_[0-9a-f]{32}$/;
const textOf = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);
const userOf = (value: unknown): UserId | null =>
  typeof value === 'string' && USER_ID.test(value) ? (value as UserId) : null;

/** An administrator's decision names who decided; otherwise it is who made the request. */
const actorOf = (payload: State, origin: Origin | null): UserId | null => {
  if ('by' in payload) return userOf(payload['by']);
  if (origin?.caller) return origin.caller.userId;
  // Who signs in is not signed in yet. Without an address nobody asked: a job, or another event.
  return origin && origin.address !== null && 'sessionId' in payload ? userOf(payload['userId']) : null;
};

const personOf = ({ userId, id, payeeId }: State): UserId | null =>
  userOf(userId) ?? userOf(id) ?? userOf(payeeId);

/** The names under which events have the thing that they are about, the first one that is there. */
const TARGETS = ['id', 'paymentId', 'sessionId', 'userId', 'keyId', 'subject', 'key', 'approvalId'] as const;
/** The kinds of things whose ids have no prefix. */
const TYPES: Readonly<Record<string, string>> = { keyId: 'key', key: 'setting' };
const KINDS = new Map<string, string>(Object.entries(ID_PREFIXES).map(([kind, prefix]) => [prefix, kind]));

const targetOf = (payload: State): { type: string; id: string } | null => {
  for (const name of TARGETS) {
    const id = textOf(payload[name]);
    if (id === null) continue;
    const type = KINDS.get(id.split('_')[0] ?? '') ?? TYPES[name] ?? textOf(payload['kind']);
    return { type: type ?? name, id };
  }
  return null;
};

const usersIn = (value: unknown): UserId[] => {
  const id = userOf(value);
  if (id) return [id];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(usersIn) : [];
};

/** Those have a place of their own in an entry. */
const ELSEWHERE = new Set(['at', 'by', 'reason', 'before', 'after']);
const PREVIOUS = /^previous([A-Z])(.*)$/;

const stateOf = (entries: [string, unknown][]): State | null =>
  entries.length === 0 ? null : (withoutSecrets(Object.fromEntries(entries)) as State);

/** `previousRole` is the `role` before; `before` and `after` are states of their own. */
const statesOf = (payload: State, known: State | null): Pick<Details, 'before' | 'after'> => {
  const before: [string, unknown][] = Object.entries(known ?? {});
  const after: [string, unknown][] = [];
  for (const [name, value] of Object.entries(payload)) {
    const [, first, rest] = PREVIOUS.exec(name) ?? [];
    if (first !== undefined) before.push([first.toLowerCase() + rest, value]);
    else if (!ELSEWHERE.has(name)) after.push([name, value]);
  }
  const given = (name: 'before' | 'after') => Object.entries((payload[name] ?? {}) as State);
  return { before: stateOf([...before, ...given('before')]), after: stateOf([...after, ...given('after')]) };
};

/**
 * Reads an event of any kind.
 * @param origin who made the request that caused it
 * @param before the former state, where it is known and not in the payload
 */
export const detailsOf = (payload: State, origin: Origin | null, before: State | null): Details => {
  const actorId = actorOf(payload, origin);
  const target = targetOf(payload);
  const isCaller = origin?.caller?.userId === actorId;
  // An approved act is that of who asked, in the request of who approved, whose address is another one.
  const own = origin?.caller && actorId !== null && !isCaller ? null : origin;
  return {
    actorId,
    actorRole: isCaller ? (origin?.caller?.role ?? null) : null,
    personId: personOf(payload),
    targetType: target?.type ?? null,
    targetId: target?.id ?? null,
    people: [...new Set([...(actorId ? [actorId] : []), ...usersIn(payload)])].sort(),
    address: own?.address ?? textOf(payload['address']),
    device: own?.userAgent ?? textOf(payload['device']),
    sessionId: own?.caller?.sessionId ?? textOf(payload['sessionId']),
    traceId: origin?.traceId ?? null,
    reason: textOf(payload['reason']),
    ...statesOf(payload, before),
  };
};
