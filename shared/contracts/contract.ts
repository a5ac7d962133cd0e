import type * as z from 'zod/mini';
import type { ErrorCode } from './errors.ts';
import type { Role } from './roles.ts';

/** Who may run an action. `services` is reachable from other services only and can have no HTTP line. */
export type Permission = 'anyone' | 'signed-in' | 'services' | readonly Role[];

/** How often one account or one address may run an action through the gateway; 0 switches the limit off. */
export type Limit = { perAccountPerMinute?: number; perAddressPerMinute?: number };

export type HttpRoute = {
  /** Method and path with `:params`, for example `POST /api/payments/:id/cancel`. */
  route: `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`;
  /** Status of a success; 200 where nothing is said, 204 when the result is empty. */
  status?: 200 | 201 | 204;
  /** `raw`: the body reaches the action as text, byte for byte, under `params.body` (signed webhooks). */
  body?: 'json' | 'raw';
  /** Request headers that reach the action as params, by param name. */
  headers?: Readonly<Record<string, string>>;
  /**
   * The gateway turns the result's tokens into cookies, or clears them, before it answers; where a session
   * starts it gives the token of the browser's device cookie as `deviceToken`.
   */
  session?: 'start' | 'refresh' | 'end';
};

/**
 * How answers of a read action are kept for its next callers. Worth it where many ask the same and the answer
 * changes by few events. Not for payments and sessions: their page must show what has just been done, and one
 * row by its key costs less than a question to Redis and its answer.
 */
export type CacheRule = {
  /**
   * Params that decide the answer, all of them; `caller` where it also depends on who asks. The permission is
   * checked before, on every call.
   */
  keys: readonly string[];
  lifetimeS: number;
  /** Full names of the events that make answers stale; the action's service hears every one of them. */
  clearedBy: readonly string[];
};

/** One action of a service: everything that anybody may know of it without reading the service. */
export type Action<P extends z.ZodMiniType = z.ZodMiniType, R extends z.ZodMiniType = z.ZodMiniType> = {
  /** Full name on the bus, `service.key`; set by `contract()`. */
  name: string;
  /** One sentence for API documentation. */
  summary: string;
  http?: HttpRoute;
  permission: Permission;
  params: P;
  result: R;
  /** Errors that this action answers with, beyond those that every action can answer with. */
  errors: readonly ErrorCode[];
  /**
   * `read` changes nothing · `key` takes an Idempotency-Key · `no` must not be tried twice · `yes` may be.
   */
  idempotent: 'read' | 'key' | 'yes' | 'no';
  timeoutMs: number;
  /** Executed also past its deadline: only for what tells the time, without which nobody can name one. */
  timeless?: true;
  limit?: Limit;
  /** On `read` actions only; the result's schema must take its own output. */
  cache?: CacheRule;
};

/** An earlier schema of an event, and how such a payload becomes one of the present schema. */
export type EarlierVersion<P extends z.ZodMiniType = z.ZodMiniType> = {
  payload: P;
  upgrade: (old: z.output<P>) => unknown;
};

/** An event: something that has happened, told by the service that owns it. */
export type Event<P extends z.ZodMiniType = z.ZodMiniType> = {
  /** Full name, `service.past-tense`; set by `contract()`. */
  name: string;
  summary: string;
  /** Schema version, sent with every message. */
  version: number;
  payload: P;
  /**
   * Versions that may still be on their way, by number, each made with `earlier()`: hearers read them as the
   * present one. One that is not named here becomes a dead letter.
   */
  earlier?: Readonly<Record<number, EarlierVersion>>;
};

/**
 * Something that a page is told over the socket: a signal of what has changed. The truth is read over HTTP,
 * so
 * that a message that comes late or not at all costs freshness, never correctness.
 */
export type Message<P extends z.ZodMiniType = z.ZodMiniType> = {
  /** Full name, `service.past-tense`; set by `contract()`. */
  name: string;
  summary: string;
  payload: P;
};

/** Ties an earlier schema of an event to what makes the present one of it. */
export const earlier = <P extends z.ZodMiniType>(
  payload: P,
  upgrade: (old: z.output<P>) => unknown,
): EarlierVersion => ({ payload, upgrade: upgrade as EarlierVersion['upgrade'] });

/** Only what changes nothing can be answered from memory. */
type Keepable = { idempotent: 'read' } | { cache?: never };
type ActionInput = Omit<Action, 'name' | 'timeoutMs'> & { timeoutMs?: number } & Keepable;
type EventInput = Omit<Event, 'name'>;
type MessageInput = Omit<Message, 'name'>;

export type Contract = {
  service: string;
  actions: Readonly<Record<string, Action>>;
  events: Readonly<Record<string, Event>>;
  /** What the service tells pages over the socket; nothing else is ever sent. */
  messages?: Readonly<Record<string, Message>>;
};

type Named<A> = { [K in keyof A]: A[K] & { name: string } };
type Timed<A> = { [K in keyof A]: A[K] & { timeoutMs: number } };

const DEFAULT_TIMEOUT_MS = 5_000;

const kebab = (key: string): string => key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

const mapValues = <T, U>(
  record: Readonly<Record<string, T>>,
  map: (value: T, key: string) => U,
): Record<string, U> =>
  Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));

/**
 * A service's contract. Keys become names: action `cancel` of service `payments` is `payments.cancel`, event
 * `userChanged` of service `auth` is `auth.user-changed`.
 */
export const contract = <
  const A extends Readonly<Record<string, ActionInput>>,
  const F extends Readonly<Record<string, EventInput>>,
  const M extends Readonly<Record<string, MessageInput>> = Readonly<Record<never, MessageInput>>,
>(
  service: string,
  parts: { actions: A; events: F; messages?: M },
): { service: string; actions: Timed<Named<A>>; events: Named<F>; messages: Named<M> } => ({
  service,
  actions: mapValues(parts.actions, (action, key) => ({
    timeoutMs: DEFAULT_TIMEOUT_MS,
    ...action,
    name: `${service}.${key}`,
  })) as unknown as Timed<Named<A>>,
  events: mapValues(parts.events, (event, key) => ({
    ...event,
    name: `${service}.${kebab(key)}`,
  })) as Named<F>,
  messages: mapValues(parts.messages ?? {}, (message, key) => ({
    ...message,
    name: `${service}.${kebab(key)}`,
  })) as Named<M>,
});

/** What a caller passes. */
export type ParamsOf<A extends { params: z.ZodMiniType }> = z.input<A['params']>;
/** What a handler receives: parsed, defaults filled in. */
export type ParsedParamsOf<A extends { params: z.ZodMiniType }> = z.output<A['params']>;
/** What a handler returns and a caller receives. */
export type ResultOf<A extends { result: z.ZodMiniType }> = z.output<A['result']>;
export type PayloadOf<F extends { payload: z.ZodMiniType }> = z.output<F['payload']>;
