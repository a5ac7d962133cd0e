import { createHash } from 'node:crypto';
import { safeParse } from 'zod/v4/core';
import type { Action } from '../../shared/contracts/contract.ts';
import { compiled } from '../calls/compiled-schema.ts';
import type { Caller } from '../calls/envelope.ts';
import { keptAnswers, type Cached, type StoreOptions } from './kept-answers.ts';
import { oneAfterAnother, oneComputation, type ComputationLocks } from './one-computation.ts';

/**
 * `shared`: another call was computing the answer. `bypass`: the store could not be used, or the answer was
 * too large for it.
 */
export type CacheOutcome = 'hit' | 'miss' | 'shared' | 'bypass';

/** What the cache has to know of a caller. */
type AskedBy = Pick<Caller, 'userId' | 'role'> | null;

export type ActionCache = {
  /**
   * Returns the cached answer, or `run`'s, which is then cached; an action without `cache` in its contract
   * just runs. Must be called after permission and params were checked.
   */
  around<T>(action: Action, caller: AskedBy, params: unknown, run: () => Promise<T>): Promise<T>;
  /**
   * Invalidates the answers that these events make stale. Call it after the commit of the change or of the
   * subscriber; never rejects. An invalidation that the store cannot take now is repeated until it can.
   */
  invalidate(happened: readonly Happened[]): Promise<void>;
  /** The invalidations in progress; undefined where there are none. */
  settled(): Promise<unknown> | undefined;
};

/** An event by its name, and its payload as JSON; without that the answers of all callers are invalidated. */
type Happened = { event: string; payload?: string };

export type ActionCacheOptions = StoreOptions & {
  actions: readonly Action[];
  /** Names of the events that the service publishes, or subscribes to. */
  eventNames: readonly string[];
  locks: ComputationLocks | null;
  count?: (action: string, outcome: CacheOutcome) => void;
};

type CachedAction = Cached & { resultSchema: ReturnType<typeof compiled> };

/** Administrators may see everybody's: what changes for one person changes for all of them. */
const ADMINISTRATORS = 'administrators';

const eventOf = (cleared: CachedAction['rule']['clearedBy'][number]): string =>
  typeof cleared === 'string' ? cleared : cleared.event;

const cachedActions = ({ actions, eventNames }: ActionCacheOptions): Map<string, CachedAction> => {
  const known = new Map<string, CachedAction>();
  for (const { name, cache: rule, result } of actions) {
    if (!rule) continue;
    const unknown = rule.clearedBy.map(eventOf).find((event) => !eventNames.includes(event));
    if (unknown)
      throw new Error(`${name} is cleared by ${unknown}, which its service neither publishes nor handles`);
    const isScoped = rule.clearedBy.some((cleared) => typeof cleared !== 'string');
    const state = { asked: 0, invalidated: 0, session: null };
    known.set(name, { name, rule, isScoped, resultSchema: compiled(result), ...state });
  }
  return known;
};

const scopeOf = ({ isScoped }: Cached, caller: AskedBy): string | null => {
  if (!isScoped) return null;
  return caller === null || caller.role === 'ADMIN' ? ADMINISTRATORS : caller.userId;
};

/** The scopes whose answers the events make stale; null for all. */
const scopesClearedBy = ({ rule }: Cached, happened: readonly Happened[]): ReadonlySet<string> | null => {
  const scopes = new Set<string>();
  for (const { event, payload } of happened) {
    const cleared = rule.clearedBy.find((one) => eventOf(one) === event);
    if (cleared === undefined) continue;
    if (typeof cleared === 'string' || payload === undefined) return null;
    const fields = JSON.parse(payload) as Readonly<Record<string, unknown>>;
    const callers = cleared.callers.map((field) => fields[field]);
    // An earlier version of the event may lack the field.
    if (!callers.every((caller) => typeof caller === 'string')) return null;
    for (const scope of [ADMINISTRATORS, ...callers]) scopes.add(scope);
  }
  return scopes;
};

const entryKey = ({ name, rule }: Cached, caller: AskedBy, params: unknown): string => {
  const given = (params ?? {}) as Record<string, unknown>;
  const named = rule.keys.filter((key) => key !== 'caller').map((key) => [key, given[key]]);
  const asker = rule.keys.includes('caller') && caller ? [caller.userId, caller.role] : null;
  const hash = createHash('sha256').update(JSON.stringify([asker, Object.fromEntries(named)]));
  return `answer:${name}:${hash.digest('base64url')}`;
};

/**
 * Caches answers of read actions as their contracts allow. An event that makes answers stale starts a new
 * generation (kept-answers.ts), so an answer computed before a change can never be taken for a later one, in
 * whatever order the processes handle events, compute and store. One process computes an answer at a time.
 * While the store is unavailable, or no events arrive, each call gets an answer whose computation began after
 * it. When it returns, each process starts
 * a new generation before it reads: events may have been missed, and a restored Redis may hold an old one.
 * @throws Error when an action is cleared by an event that the service does not see
 */
export const createActionCache = (options: ActionCacheOptions): ActionCache => {
  const { count = () => undefined } = options;
  const known = cachedActions(options);
  const kept = keptAnswers(options, known);
  const computed = oneComputation(options.locks);
  const withoutStore = oneAfterAnother();
  const clearing = new Set<Promise<void>>();

  const lookUp = async <T>(cached: CachedAction, key: string, scope: string | null) => {
    const found = await kept.read(cached, key, scope);
    if (found === null) return null;
    if (!('result' in found)) return { generation: found.generation, answer: null };
    // Parsed again: the store is not trusted, and an older version may have written the entry.
    const parsed = safeParse(cached.resultSchema, found.result);
    return { generation: found.generation, answer: parsed.success ? { result: parsed.data as T } : null };
  };

  const invalidate = async (happened: readonly Happened[]): Promise<void> => {
    const all = [...known.values()];
    await Promise.all(all.map((cached) => kept.clear(cached, scopesClearedBy(cached, happened))));
  };

  return {
    around: async <T>(action: Action, caller: AskedBy, params: unknown, run: () => Promise<T>) => {
      const cached = known.get(action.name);
      if (!cached) return run();
      const [key, scope] = [entryKey(cached, caller, params), scopeOf(cached, caller)];
      const found = await lookUp<T>(cached, key, scope);
      if (found?.answer) {
        count(cached.name, 'hit');
        return found.answer.result;
      }
      if (found === null) {
        const { value, isOwn } = await withoutStore(key, run);
        count(cached.name, isOwn ? 'bypass' : 'shared');
        return value;
      }
      const { generation } = found;
      const { value, isOwn } = await computed({
        // Those who ask after an event do not wait for an answer from before it.
        key: `${key}:${generation}`,
        look: async () => {
          const later = await lookUp<T>(cached, key, scope);
          const answer = later?.generation === generation ? later.answer : null;
          return answer && { ...answer, isKept: true };
        },
        run: async () => {
          const result = await run();
          return { result, isKept: kept.write(cached, key, { generation, result }) };
        },
      });
      count(cached.name, isOwn ? (value.isKept ? 'miss' : 'bypass') : 'shared');
      return value.result;
    },
    invalidate: (happened) => {
      const clear = invalidate(happened);
      clearing.add(clear);
      return clear.finally(() => clearing.delete(clear));
    },
    settled: () => (clearing.size > 0 ? Promise.all(clearing) : undefined),
  };
};
