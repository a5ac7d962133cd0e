import type { Client } from '../../../../../shared/client/client.ts';
import { hasCode } from '../../../../../shared/client/problem.ts';
import { auth } from '../../../../../shared/contracts/auth/auth.ts';
import type { ResultOf } from '../../../../../shared/contracts/contract.ts';
import type { UserId } from '../../../../../shared/contracts/ids.ts';
import { refusalText } from '../../parts/refusals.ts';

export type Outcome = ResultOf<typeof auth.actions.suspendUsers>['items'][number];

/** The most that one request may name. */
const REQUEST_SIZE = 100;

/** As few parts as possible, about equal: a request weighs what it names, and a small rest too little. */
const partsOf = <T>(items: readonly T[]): T[][] => {
  const size = Math.ceil(items.length / Math.ceil(items.length / REQUEST_SIZE)) || 1;
  const count = Math.ceil(items.length / size);
  return Array.from({ length: count }, (_, n) => items.slice(n * size, (n + 1) * size));
};

/** What a suspension of these users would do to each; nothing is changed. */
export const previewSuspension = async (client: Client, ids: readonly UserId[]): Promise<Outcome[]> => {
  const outcomes: Outcome[] = [];
  for (const part of partsOf(ids)) {
    const request = { ids: part, preview: true, reason: 'Preview' };
    outcomes.push(...(await client.call(auth.actions.suspendUsers, request)).items);
  }
  return outcomes;
};

/**
 * Suspends these users, and reports what became of those of each request.
 * @returns whether some of them wait until another administrator has approved it
 * @throws what a request was refused with; those of the requests before are suspended
 */
export const suspendAll = async (
  client: Client,
  ids: readonly UserId[],
  reason: string,
  ondone: (outcomes: readonly Outcome[]) => void,
): Promise<boolean> => {
  let waits = false;
  for (const part of partsOf(ids)) {
    try {
      ondone((await client.call(auth.actions.suspendUsers, { ids: part, reason })).items);
    } catch (problem) {
      if (!hasCode(problem, 'approval_needed')) throw problem;
      waits = true;
    }
  }
  return waits;
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
