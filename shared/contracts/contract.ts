import type * as z from 'zod/mini';
import type { ErrorCode } from './errors.ts';
import type { Role } from './roles.ts';

/** Who may run an action. `services`: other services only, without an HTTP route. */
type Permission = 'anyone' | 'signed-in' | 'services' | readonly Role[];

/** How often one account or one address may run an action through the gateway; 0 disables the limit. */
export type Limit = {
  perAccountPerMinute?: number;
  perAddressPerMinute?: number;
  /** A request whose query has this param counts as so many, because answering it costs more. */
  costs?: Readonly<Record<string, number>>;
};

/**
 * The limits of routes whose contract gives no others. People do not reach them: a page that shows a busy
 * account's payments reads a list at most 200 times a minute. An address may be an office, or a program that
 * acts for many accounts.
 */
const DEFAULT_LIMITS = {
  read: { perAccountPerMinute: 3_000, perAddressPerMinute: 12_000 },
  write: { perAccountPerMinute: 600, perAddressPerMinute: 6_000 },
} as const satisfies Record<string, Limit>;

/**
 * The limits of an action with a route. One that needs no session has no limit for an account unless its
 * contract gives one: strangers could use up the limit of the account that they name.
 */
const limitOf = ({ http, permission, limit }: ActionInput): Limit | undefined => {
  if (!http) return limit;
  const { perAddressPerMinute, ...perAccount } =
    DEFAULT_LIMITS[http.route.startsWith('GET ') ? 'read' : 'write'];
  return { perAddressPerMinute, ...(permission !== 'anyone' && perAccount), ...limit };
};

export type HttpRoute = {
  /** Method and path with `:params`, for example `POST /api/payments/:id/cancel`. */
  route: `${'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'} /${string}`;
  /** Status of a success; 200 by default, 204 when the result is empty. */
  status?: 200 | 201 | 204;
  /** With 201: the path of what was created, as `:names` of the result's fields; sent as Location. */
  location?: `/${string}`;
  /**
   * `raw`: the action gets the body as text, byte for byte, as `params.body` (signed webhooks). `file`: the
   * body is passed on while it arrives; the action is called with each `UploadPart`, and its result holds the
   * `nextCursor` for the part after it.
   */
  body?: 'json' | 'raw' | 'file';
  /** The most that a body may have; 100 KB by default. */
  bodyMaxBytes?: number;
  /**
   * Refused when a browser says that a page of another site sent it, also without cookies. Writes with
   * cookies always are.
   */
  ownPagesOnly?: true;
  /** Request headers that become params, by param name. */
  headers?: Readonly<Record<string, string>>;
  /**
   * The gateway turns the result's tokens into cookies, or clears the cookies; at the start of a session it
   * passes the browser's device cookie as `deviceToken`.
   */
  session?: 'start' | 'refresh' | 'end';
  /**
   * The answer is a file, of this media type and name. The action's result is a `DownloadPart`; the gateway
   * asks for the parts one by one and sends their text as one body.
   */
  download?: { type: string; name: string };
  /**
   * The answer is an image of this media type. The action's result is an `ImageBytes`. Browsers keep it for
   * their user: for a day at an address with the hash as `v`, otherwise as long as a question confirms it.
   */
  image?: string;
  /**
   * On GETs that are asked again and again: the answer has an entity tag, and a client that names it gets 304
   * without a body. Never for answers with something secret or shown once.
   */
  revalidated?: true;
};

/** A part of a file; the next one is asked for with its `nextCursor` as the param `cursor`. */
export type DownloadPart = { text: string; nextCursor: string | null };

/**
 * A part of a body, in base64. The first one has no cursor; each further one has the `nextCursor` of the
 * answer to the one before.
 */
export type UploadPart = { data: string; last: boolean; cursor?: string };

/** An image in base64, and a hash of its bytes. */
export type ImageBytes = { data: string; hash: string };

/** An event that makes only the answers of some callers stale. */
type ClearedForCallers = {
  event: string;
  /** The fields of its payload with the ids of those callers. Answers of administrators are stale too. */
  callers: readonly string[];
};

/**
 * How answers of a read action are cached. Useful where the same is asked often and few events change the
 * answer; not for payments and sessions, whose pages must show the latest state and whose rows cost less to
 * read than a round trip to Redis, and not for answers that change with the time alone.
 */
export type CacheRule = {
  /**
   * All params that determine the answer; `caller` if it depends on the caller, whose handler otherwise
   * does not learn who calls. Permission is checked before, on every call.
   */
  keys: readonly string[];
  lifetimeS: number;
  /**
   * The events that invalidate answers, by full name: of the action's service, or such that it subscribes to.
   */
  clearedBy: readonly (string | ClearedForCallers)[];
};

/** One action of a service: everything that other code may know of it. */
export type Action<P extends z.ZodMiniType = z.ZodMiniType, R extends z.ZodMiniType = z.ZodMiniType> = {
  /** Full name on the bus, `service.key`; set by `contract()`. */
  name: string;
  /** One sentence for API documentation. */
  summary: string;
  http?: HttpRoute;
  permission: Permission;
  params: P;
  result: R;
  /** Errors of this action beside those of every action. */
  errors: readonly ErrorCode[];
  /** `read` changes nothing · `key` takes an Idempotency-Key · `no` must not be repeated · `yes` may be. */
  idempotent: 'read' | 'key' | 'yes' | 'no';
  timeoutMs: number;
  /**
   * Executed also after its deadline: for the action that returns the time, which callers need for deadlines.
   */
  timeless?: true;
  limit?: Limit;
  /**
   * On `read` actions: whether the audit log has an entry of each read by an administrator; by default where
   * only administrators may read. The contract then has the event `administratorRead`.
   */
  recorded?: boolean;
  /** On `read` actions only; the result's schema must take its own output. */
  cache?: CacheRule;
};

/** An earlier schema of an event and the upgrade to the present one. */
export type EarlierVersion<P extends z.ZodMiniType = z.ZodMiniType> = {
  payload: P;
  upgrade: (old: z.output<P>) => unknown;
};

/** An event: something that has happened, published by the service that owns it. */
export type Event<P extends z.ZodMiniType = z.ZodMiniType> = {
  /** Full name, `service.past-tense`; set by `contract()`. */
  name: string;
  summary: string;
  /** Schema version, sent with every message. */
  version: number;
  payload: P;
  /**
   * Versions that may still be in transit, by number, each made with `earlier()`: subscribers receive them
   * upgraded. Other versions become dead letters.
   */
  earlier?: Readonly<Record<number, EarlierVersion>>;
  /**
   * Services with a durable queue that subscribe to this event. The publisher declares their queues before it
   * publishes, and keeps the event in its outbox while RabbitMQ routes it to none.
   */
  subscribers?: readonly string[];
};

/**
 * A message to pages over the socket. It only signals a change; pages read the data over HTTP, so a late or
 * lost message costs freshness, never correctness.
 */
export type Message<P extends z.ZodMiniType = z.ZodMiniType> = {
  /** Full name, `service.past-tense`; set by `contract()`. */
  name: string;
  summary: string;
  /** Only sent to the sockets that are open, and not stored: the next one says the same. */
  notice?: true;
  payload: P;
};

/**
 * A broadcast to all processes at once, without a guarantee of delivery: what it reports follows as an event,
 * or is read again.
 */
export type Signal<P extends z.ZodMiniType = z.ZodMiniType> = {
  /** Full name, `service.past-tense`; set by `contract()`. */
  name: string;
  summary: string;
  payload: P;
};

/** Combines an earlier schema of an event with its upgrade. */
export const earlier = <P extends z.ZodMiniType>(
  payload: P,
  upgrade: (old: z.output<P>) => unknown,
): EarlierVersion => ({ payload, upgrade: upgrade as EarlierVersion['upgrade'] });

/** Only read actions can be cached. */
type Keepable = { idempotent: 'read' } | { cache?: never };
type ActionInput = Omit<Action, 'name' | 'timeoutMs'> & { timeoutMs?: number } & Keepable;
type EventInput = Omit<Event, 'name'>;
type MessageInput = Omit<Message, 'name'>;
type SignalInput = Omit<Signal, 'name'>;

export type Contract = {
  service: string;
  actions: Readonly<Record<string, Action>>;
  events: Readonly<Record<string, Event>>;
  /** Messages that the service sends to pages; no others are sent. */
  messages?: Readonly<Record<string, Message>>;
  /** Signals that the service sends to other processes; no others are accepted. */
  signals?: Readonly<Record<string, Signal>>;
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
 * Creates a service's contract. Keys become names: action `cancel` of service `payments` is
 * `payments.cancel`, event `userChanged` of service `auth` is `auth.user-changed`.
 */
export const contract = <
  const A extends Readonly<Record<string, ActionInput>>,
  const F extends Readonly<Record<string, EventInput>>,
  const M extends Readonly<Record<string, MessageInput>> = Readonly<Record<never, MessageInput>>,
  const S extends Readonly<Record<string, SignalInput>> = Readonly<Record<never, SignalInput>>,
>(
  service: string,
  parts: { actions: A; events: F; messages?: M; signals?: S },
): {
  service: string;
  actions: Timed<Named<A>>;
  events: Named<F>;
  messages: Named<M>;
  signals: Named<S>;
} => ({
  service,
  actions: mapValues(parts.actions, (action, key) => ({
    timeoutMs: DEFAULT_TIMEOUT_MS,
    ...action,
    limit: limitOf(action),
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
  signals: mapValues(parts.signals ?? {}, (signal, key) => ({
    ...signal,
    name: `${service}.${kebab(key)}`,
  })) as Named<S>,
});

/** What a caller passes. */
export type ParamsOf<A extends { params: z.ZodMiniType }> = z.input<A['params']>;
/** What a handler receives: parsed, defaults filled in. */
export type ParsedParamsOf<A extends { params: z.ZodMiniType }> = z.output<A['params']>;
/** What a handler returns and a caller receives. */
export type ResultOf<A extends { result: z.ZodMiniType }> = z.output<A['result']>;
export type PayloadOf<F extends { payload: z.ZodMiniType }> = z.output<F['payload']>;
