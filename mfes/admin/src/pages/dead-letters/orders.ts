import type { Client } from '../../../../../shared/client/client.ts';
import { admin } from '../../../../../shared/contracts/admin/admin.ts';
import type { DeadLetterAct, DeadLetterRun } from '../../../../../shared/contracts/admin/dead-letters.ts';
import type { ResultOf } from '../../../../../shared/contracts/contract.ts';

export type Order = ResultOf<typeof admin.actions.replayDeadLetters>;

/** Orders the act, or only asks what it would be about. */
export const order = (
  client: Client,
  act: DeadLetterAct,
  params: { ids: string[]; reason: string; preview: boolean },
): Promise<Order> =>
  act === 'replay'
    ? client.call(admin.actions.replayDeadLetters, params)
    : client.call(admin.actions.discardDeadLetters, params);

/** Verbs of an act, for buttons and sentences. */
export const ACTS = {
  replay: { verb: 'Replay', done: 'replayed', doing: 'Replaying' },
  discard: { verb: 'Discard', done: 'discarded', doing: 'Discarding' },
} as const satisfies Record<DeadLetterAct, object>;

export const lettersText = (count: number): string =>
  count === 1 ? '1 dead letter' : `${count} dead letters`;

/** How far a run is, as a sentence. */
export const runText = ({ act, count, done, gone, finishedAt, problem }: DeadLetterRun): string => {
  const { done: did, doing } = ACTS[act];
  const others = gone === 0 ? '' : ` ${gone} ${gone === 1 ? 'was' : 'were'} no longer there.`;
  if (finishedAt === null) {
    const wait = problem === null ? '' : ` It waits: ${problem}.`;
    return `${doing}: ${done + gone} of ${count}.${wait}`;
  }
  const rest = count - done - gone;
  const ended = rest === 0 ? '' : ` ${rest} ${rest === 1 ? 'is' : 'are'} left, because ${problem}.`;
  return `${lettersText(done)} ${did}.${others}${ended}`;
};
