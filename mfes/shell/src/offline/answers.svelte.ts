import { KEPT_DATABASE } from '../../../../shared/client/offline/database.ts';
import type { Answer, Question } from '../../../../shared/client/offline/kept-answers.ts';
import { whenIdle } from '../live/when-idle.ts';

/** An answer, and the age of the cookies with which it was asked for. */
export type DatedAnswer = Answer & { age: string };

type Keeper = { findAnswer(question: Question): Promise<unknown> };
let load = (): Promise<Keeper> => Promise.reject(new Error('nothing keeps answers'));
/** Sets what loads the part that keeps answers: that part needs the session, which needs this one. */
export const loadKeeperWith = (loader: typeof load): void => {
  load = loader;
};
/** Who is signed in has answers to keep; a page does not wait for that. */
export const keepAnswers = (): void => whenIdle(() => void load().catch(() => {}));

/** Until what keeps them is loaded. */
const EARLY_MAX = 30;
let early: DatedAnswer[] = [];
let take = (answer: DatedAnswer): void => {
  if (early.length < EARLY_MAX) early.push(answer);
};

/** For the client: what was read, and what was kept of it when there is no network. */
export const answers = {
  read: (answer: DatedAnswer): void => take(answer),
  find: async (question: Question): Promise<unknown> => {
    try {
      return await (await load()).findAnswer(question);
    } catch {
      // Storage is forbidden, or this part was not loaded before the network went.
      return undefined;
    }
  },
};

/** Passes on all answers, those of before too. */
export const onAnswer = (listener: (answer: DatedAnswer) => void): void => {
  early.forEach(listener);
  early = [];
  take = listener;
};

/** What the page shows of kept answers: how old the oldest is, as in `5 minutes ago`; null for none. */
export const saved = $state<{ age: ((nowMs: number) => string) | null }>({ age: null });

/** Deletes the kept answers with their key, in all tabs. */
export const deleteAnswers = (): void => {
  early = [];
  saved.age = null;
  try {
    indexedDB.deleteDatabase(KEPT_DATABASE);
  } catch {
    // Where storage is forbidden nothing is kept.
  }
};
