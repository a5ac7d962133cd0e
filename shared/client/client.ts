import type * as z from 'zod/mini';
import { auth } from '../contracts/auth/auth.ts';
import type { HttpRoute, ParamsOf, ResultOf } from '../contracts/contract.ts';
import { createKeptAnswers, type KeptAnswers } from './kept-answers.ts';
import { fetchWithProgress } from './fetch-with-progress.ts';
import { traceparentFor } from './traces.ts';
import { hasCode, isProblem, isUnreachable, UnreachableError } from './problem.ts';
import { problemOf } from './problem-of-response.ts';
import {
  ageOfNewSession,
  ageOnThisPage,
  createCookieChanges,
  isSameSession,
  type CookieAge,
} from './cookie-changes.ts';

/** An action that has an HTTP route, as it stands in a contract. */
export type HttpAction = {
  name: string;
  http: HttpRoute;
  params: z.ZodMiniType;
  result: z.ZodMiniType;
  timeoutMs: number;
};

/** What the gateway answers: the action's result, without the tokens that it turned into cookies. */
type HttpResultOf<A extends HttpAction> = A['http'] extends { session: string }
  ? Omit<ResultOf<A>, 'tokens'>
  : ResultOf<A>;

type CallOptions = {
  /** Sent as Idempotency-Key; make one per form that is opened, not per try. */
  idempotencyKey?: string;
  signal?: AbortSignal;
};

type UploadOptions = Pick<CallOptions, 'signal'> & {
  /** Called while the file is sent, with how much of it has left: 0 to 1. */
  onProgress?: (part: number) => void;
};

/** A request in the place of an action's route that answers the same, or more: a GraphQL query. */
export type Query<A extends HttpAction, R> = {
  action: A;
  requestOf(params: ParamsOf<A>): HttpRequest;
  /** @throws ProblemError when the body is a refusal */
  resultOf(body: unknown): R;
};

export type Client = {
  /**
   * Runs an action over HTTP. Params become path, then query (GET, DELETE) or JSON body.
   * @throws ProblemError when the server answers with a problem
   * @throws UnreachableError when no answer comes
   */
  call<A extends HttpAction>(action: A, params: ParamsOf<A>, options?: CallOptions): Promise<HttpResultOf<A>>;
  /**
   * Runs a read by another request than its route's, in all else as `call` does: it is repeated after a
   * refresh, and what was kept of the action answers without a network.
   * @throws as `call` does
   */
  query<A extends HttpAction, R>(
    query: Query<A, R>,
    params: ParamsOf<A>,
    options?: Pick<CallOptions, 'signal'>,
  ): Promise<R>;
  /**
   * Sends a file to an action that takes one.
   * @throws as `call` does
   */
  upload<A extends HttpAction>(action: A, file: Blob, options?: UploadOptions): Promise<HttpResultOf<A>>;
  /** Drops the answers that it keeps in memory: for when a user has signed out, or another one in. */
  dropAnswers(): void;
};

/** How a call was, as the browser saw it; `status` and `requestId` are null where no answer came. */
export type SeenCall = {
  action: string;
  requestId: string | null;
  traceId: string;
  /** Method, path and query: the same for a call that is repeated. */
  request: string;
  startMs: number;
  endMs: number;
  status: number | null;
};

export type ClientOptions = {
  fetch: typeof globalThis.fetch;
  /**
   * Called once when the session turns out to be over and cannot be refreshed, with the age of the cookies
   * that were refused.
   */
  onSignedOut: (age: string) => void;
  /** Whether a session is assumed; without one a 401 causes no refresh. */
  hasSession?: () => boolean;
  /** Put before each path; empty in a browser, where all is of one origin. */
  origin?: string;
  /** The age of the cookies in all tabs; without it only calls of this page share a refresh. */
  age?: CookieAge;
  /** Called after each call that the page has not given up. */
  onCall?: (call: SeenCall) => void;
  /** What keeps answers to reads, and gives one back, or undefined, when a read gets no answer. */
  answers?: {
    read(answer: { action: string; params: object; result: unknown; atMs: number; age: string }): void;
    find(question: { action: string; params: object }): Promise<unknown>;
  };
  /** The browser's Web Locks, with which one tab at a time changes the cookies; null for none. */
  locks?: LockManager | null;
};

/** Added to the server's time limit for a slow network. */
const NETWORK_ALLOWANCE_MS = 10_000;
/** The server waits as long for a file. */
const FILE_ALLOWANCE_MS = 90_000;

export type HttpRequest = { method: string; path: string; body: string | undefined };

/** Method, path with query, and JSON body of a request; undefined params are left out. */
export const requestOf = (http: HttpRoute, params: Readonly<Record<string, unknown>>): HttpRequest => {
  const [method = 'GET', template = '/'] = http.route.split(' ');
  const rest = new Map(Object.entries(params).filter(([, value]) => value !== undefined));
  const path = template.replaceAll(/:(\w+)/g, (_, key: string) => {
    const value = rest.get(key);
    rest.delete(key);
    return encodeURIComponent(String(value));
  });
  if (method !== 'GET' && method !== 'DELETE') {
    return { method, path, body: JSON.stringify(Object.fromEntries(rest)) };
  }
  const query = new URLSearchParams([...rest].map(([key, value]) => [key, String(value)])).toString();
  return { method, path: query === '' ? path : `${path}?${query}`, body: undefined };
};

const startsSession = ({ http }: HttpAction): boolean =>
  http.session === 'start' || http.session === 'refresh';

const isRead = ({ http }: HttpAction): boolean => http.route.startsWith('GET ');

type SendOptions = CallOptions &
  UploadOptions & { file?: Blob; traceparent?: string; query?: Query<HttpAction, unknown> };
type Send = (action: HttpAction, params: object, options?: SendOptions) => Promise<unknown>;

/** The body of a successful answer, or the one that a 304 confirms, which is kept. */
const bodyOf = async (response: Response, known: Known | null): Promise<unknown> => {
  if (response.status === 204) return {};
  if (!known) return response.json();
  const { answers, path, age, kept } = known;
  const text = kept && response.status === 304 ? kept.text : await response.text();
  const etag = response.headers.get('etag');
  if (etag !== null) answers.keep(path, { etag, text, age });
  return JSON.parse(text);
};

/** What is known of the answer to a revalidated read. */
type Known = { answers: KeptAnswers; path: string; age: string; kept: ReturnType<KeptAnswers['of']> };

const sender =
  (options: ClientOptions, answers: KeptAnswers, age: CookieAge): Send =>
  async (action, params, { idempotencyKey, signal, file, onProgress, traceparent: given, query } = {}) => {
    const values = params as Record<string, unknown>;
    const { method, path, body } = query?.requestOf(values) ?? requestOf(action.http, values);
    const fetch = onProgress ? fetchWithProgress(onProgress) : options.fetch;
    const traceparent = given ?? traceparentFor(isRead(action), params);
    const headers: Record<string, string> = { accept: 'application/json', traceparent };
    if (file) headers['content-type'] = file.type || 'application/octet-stream';
    else if (body !== undefined) headers['content-type'] = 'application/json';
    if (idempotencyKey !== undefined) headers['idempotency-key'] = idempotencyKey;
    const asked = age.read();
    const known = action.http.revalidated
      ? { answers, path, age: asked, kept: answers.of(path, asked) }
      : null;
    if (known?.kept) headers['if-none-match'] = known.kept.etag;
    const allowanceMs = file ? FILE_ALLOWANCE_MS : NETWORK_ALLOWANCE_MS;
    const timeLimit = AbortSignal.timeout(action.timeoutMs + allowanceMs);
    const startMs = performance.now();
    const seen: Pick<SeenCall, 'status' | 'requestId'> = { status: null, requestId: null };
    try {
      const response = await fetch((options.origin ?? '') + path, {
        method,
        headers,
        body: file ?? body,
        credentials: 'same-origin',
        cache: 'no-store',
        // `keepalive`: if the page closes now, the browser must still get the new refresh token, and the
        // server the request that ends a session.
        keepalive: action.http.session === 'refresh' || action.http.session === 'end',
        signal: signal ? AbortSignal.any([signal, timeLimit]) : timeLimit,
      });
      seen.status = response.status;
      seen.requestId = response.headers.get('x-request-id');
      const isConfirmed = response.status === 304 && known?.kept !== undefined;
      if (!response.ok && !isConfirmed) throw await problemOf(response);
      const answer = await bodyOf(response, known);
      return query ? query.resultOf(answer) : answer;
    } catch (error) {
      if (isProblem(error)) seen.status = error.problem.status;
      if (isProblem(error) || signal?.aborted) throw error;
      throw new UnreachableError(`${action.name} got no answer`, { cause: error });
    } finally {
      const request = `${method} ${path}`;
      const traceId = traceparent.split('-')[1] ?? '';
      const endMs = performance.now();
      if (!signal?.aborted)
        options.onCall?.({ action: action.name, request, traceId, startMs, endMs, ...seen });
    }
  };

/** The kinds of calls, which differ in their options alone. */
const clientOf = (call: Send, dropAnswers: () => void): Client => {
  const upload = (action: HttpAction, file: Blob, options?: UploadOptions) =>
    call(action, {}, { ...options, file });
  const query = (asked: Query<HttpAction, unknown>, params: object, options?: CallOptions) =>
    call(asked.action, params, { ...options, query: asked });
  return {
    call: call as Client['call'],
    query: query as Client['query'],
    upload: upload as Client['upload'],
    dropAnswers,
  };
};

/**
 * Calls actions over HTTP. A call refused because its access token has expired is repeated after a refresh,
 * and once more if a change of access made the new token invalid too. A write is not repeated when the user
 * has signed in or out since it was sent: it would be done for another user. `onSignedOut` is called when the
 * refresh is refused or the session has ended.
 */
export const createClient = (options: ClientOptions): Client => {
  const { age = ageOnThisPage(), locks = globalThis.navigator?.locks } = options;
  const answers = createKeptAnswers();
  const send = sender(options, answers, age);
  const changes = createCookieChanges({
    age,
    locks,
    refresh: () => send(auth.actions.refresh, {}),
    limitMs: auth.actions.refresh.timeoutMs + NETWORK_ALLOWANCE_MS,
  });

  const renew = async (refusal: unknown, seen: string, again: boolean): Promise<void> => {
    if (options.hasSession && !options.hasSession()) throw refusal;
    if (hasCode(refusal, 'session_ended')) {
      // The refresh failed, but another sign-in may have happened meanwhile.
      if (!again || age.read() !== seen) return;
      options.onSignedOut(seen);
      throw refusal;
    }
    try {
      await changes.refresh(seen, again);
    } catch (refused) {
      if (!isProblem(refused) || refused.problem.status !== 401) throw refused;
      // Another tab has signed in meanwhile: only the old cookies were refused.
      if (age.read() !== seen) return;
      options.onSignedOut(seen);
      throw refusal;
    }
  };

  const sendInTurn: Send = (...request) =>
    changes.inTurn(async () => {
      const result = await send(...request);
      age.write(ageOfNewSession());
      return result;
    });

  const call: Send = async (action, params, callOptions) => {
    const sendOnce = action.http.session === undefined ? send : sendInTurn;
    // A repetition belongs to the same act.
    const traceparent = traceparentFor(isRead(action), params);
    for (let tries = 1; ; tries++) {
      const seen = age.read();
      try {
        const result = await sendOnce(action, params, { ...callOptions, traceparent });
        if (isRead(action))
          options.answers?.read({ action: action.name, params, result, atMs: Date.now(), age: seen });
        return result;
      } catch (error) {
        if (isRead(action) && isUnreachable(error)) {
          const kept = await options.answers?.find({ action: action.name, params });
          if (kept !== undefined) return kept;
        }
        const mayRenew = hasCode(error, 'token_expired', 'unauthenticated', 'session_ended');
        if (startsSession(action) || !mayRenew || tries > 2) throw error;
        await renew(error, seen, tries === 2);
        if (!isRead(action) && !isSameSession(seen, age.read())) throw error;
      }
    }
  };
  return clientOf(call, answers.drop);
};
