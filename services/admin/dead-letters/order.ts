import { AppError } from '../../../broker/calls/errors.ts';
import { callerOf, type Call } from '../../../broker/calls/implement.ts';
import { newId } from '../../../broker/process/ids.ts';
import { admin } from '../../../shared/contracts/admin/admin.ts';
import type { DeadLetterAct } from '../../../shared/contracts/admin/dead-letters.ts';
import type { ResultOf } from '../../../shared/contracts/contract.ts';
import type { LetterSummary } from '../../../shared/contracts/operations.ts';
import type { AdminService } from '../admin.ts';
import { insertRun, toRun, type LetterKey } from '../persistence/dead-letter-runs.ts';
import { allLetters, idOf, keyOf, readerOf } from './letters.ts';
import { RUNS } from './worker.ts';

type Order = typeof admin.actions.replayDeadLetters;

const ORDERED = {
  replay: admin.events.deadLettersReplayed,
  discard: admin.events.deadLettersDiscarded,
} as const;

const countsOf = (letters: readonly LetterSummary[]): ResultOf<Order>['found'] => {
  const counts = new Map<string, ResultOf<Order>['found'][number]>();
  for (const { service, event } of letters) {
    const key = JSON.stringify([service, event]);
    const known = counts.get(key) ?? { service, event, count: 0 };
    counts.set(key, { ...known, count: known.count + 1 });
  }
  return [...counts.values()].sort((a, b) => b.count - a.count || a.event.localeCompare(b.event));
};

const byService = (keys: readonly LetterKey[]): Record<string, string[]> => {
  const letters: Record<string, string[]> = {};
  for (const [service, eventId] of keys) (letters[service] ??= []).push(eventId);
  return letters;
};

/**
 * Finds the dead letters, and writes the order with its event in one transaction, unless it is a preview; the
 * worker carries it out.
 * @throws AppError `dead_letter_not_found` when none is there, `unavailable` when a service does not answer
 */
export const order = async (
  service: AdminService,
  { caller, params: { ids, reason, preview } }: Pick<Call<Order>, 'caller' | 'params'>,
  act: DeadLetterAct,
): Promise<ResultOf<Order>> => {
  const { db, clock, outbox } = service;
  const { userId: by } = callerOf({ caller });
  const wanted = new Set(ids);
  const services = new Set([...wanted].map((id) => keyOf(id)[0]));
  const all = await allLetters(service, services);
  // A service of which nothing is known may have them.
  for (const name of services)
    if (all.some((one) => one.service === name && !one.reachable)) readerOf(service, name);
  const letters = all
    .flatMap(({ items }) => items)
    .filter((letter) => wanted.has(idOf([letter.service, letter.id])));
  const keys = new Map(letters.map(({ service: name, id }) => [idOf([name, id]), [name, id] as const]));
  const missing = [...wanted].filter((id) => !keys.has(id));
  const found = countsOf(letters);
  if (preview) return { run: null, found, missing };
  if (keys.size === 0) throw new AppError('dead_letter_not_found');
  const at = clock.now();
  const id = newId('deadLetterRun', at.getTime());
  const chosen = [...keys.values()];
  const row = await db.transaction(async (tx) => {
    const event = { id, letters: byService(chosen), count: chosen.length, by, reason, at: at.toISOString() };
    await outbox.add(tx, ORDERED[act], event);
    tx.afterCommit(() => db.wake(RUNS));
    return insertRun(tx, { id, act, reason, orderedBy: by, at, letters: chosen });
  });
  return { run: toRun(row), found, missing };
};
