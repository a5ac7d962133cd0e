import type { Client } from '../../../../../shared/client/client.ts';
import { auth } from '../../../../../shared/contracts/auth/auth.ts';
import type { ResultOf } from '../../../../../shared/contracts/contract.ts';
import type { UserId } from '../../../../../shared/contracts/ids.ts';
import { refusalText } from '../../parts/refusals.ts';

export type Outcome = ResultOf<typeof auth.actions.suspendUsers>['items'][number];

/** The most that one request may name. */
const PREVIEW_SIZE = 100;
/** Small, so that the progress is seen. */
const STEP_SIZE = 10;

const parts = <T>(items: readonly T[], size: number): T[][] =>
  Array.from({ length: Math.ceil(items.length / size) }, (_, n) => items.slice(n * size, (n + 1) * size));

/** What a suspension of these users would do to each; nothing is changed. */
export const previewSuspension = async (client: Client, ids: readonly UserId[]): Promise<Outcome[]> => {
  const outcomes: Outcome[] = [];
  for (const part of parts(ids, PREVIEW_SIZE)) {
    const request = { ids: part, preview: true, reason: 'Preview' };
    outcomes.push(...(await client.call(auth.actions.suspendUsers, request)).items);
  }
  return outcomes;
};

/**
 * Suspends these users step by step, and reports what became of those of each step.
 * @throws what a step was refused with; those of the steps before are suspended
 */
export const suspendAll = async (
  client: Client,
  ids: readonly UserId[],
  reason: string,
  ondone: (outcomes: readonly Outcome[]) => void,
): Promise<void> => {
  for (const part of parts(ids, STEP_SIZE)) {
    ondone((await client.call(auth.actions.suspendUsers, { ids: part, reason })).items);
  }
};

/** What a suspension would do to a user, or did. */
export const outcomeText = ({ outcome, code }: Outcome, isDone: boolean): string => {
  if (outcome === 'refused') return refusalText(code ?? '');
  if (outcome === 'unchanged') return 'Is suspended already.';
  return isDone ? 'Suspended.' : 'Will be suspended.';
};

const usersText = (count: number): string => `${count} ${count === 1 ? 'user' : 'users'}`;

/** The sums of outcomes, as sentences. */
export const summary = (outcomes: readonly Outcome[], isDone: boolean): string => {
  const counted = (which: Outcome['outcome']): number =>
    outcomes.filter(({ outcome }) => outcome === which).length;
  const [suspended, unchanged, refused] = [counted('suspended'), counted('unchanged'), counted('refused')];
  const were = (count: number): string => (count === 1 ? 'was' : 'were');
  const verb = isDone ? `${were(suspended)} suspended` : 'will be suspended';
  const are = (count: number): string => (count === 1 ? 'is' : 'are');
  return [
    `${usersText(suspended)} ${verb}.`,
    unchanged > 0 ? `${usersText(unchanged)} ${are(unchanged)} suspended already.` : '',
    refused > 0 ? `${usersText(refused)} cannot be suspended.` : '',
  ]
    .filter(Boolean)
    .join(' ');
};
