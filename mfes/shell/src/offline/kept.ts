import { isSameSession } from '../../../../shared/client/cookie-changes.ts';
import { ME } from '../../../../shared/client/offline/kept-actions.ts';
import {
  createKeptAnswers,
  type Answer,
  type Question,
} from '../../../../shared/client/offline/kept-answers.ts';
import { transact } from '../../../../shared/client/offline/kept-records.ts';
import { live, liveChanged } from '../live/live.svelte.ts';
import { pathChanged } from '../routing/router.svelte.ts';
import { cookieAge, lapseSession, session, sessionChanged, startSession } from '../session/session.svelte.ts';
import { agoText } from './ago.ts';
import { onAnswer, saved } from './answers.svelte.ts';

const TIMER_MAX_MS = 2 ** 31 - 1;

const kept = createKeptAnswers({
  transact,
  nowMs: Date.now,
  session: () => cookieAge.read().split('.')[0] ?? '',
  user: () => session.user,
});

let oldestMs = Infinity;
const showAge = (atMs: number): void => {
  oldestMs = Math.min(oldestMs, atMs);
  saved.age = (nowMs) => agoText(oldestMs, nowMs);
};
const showNone = (): void => {
  oldestMs = Infinity;
  saved.age = null;
};
pathChanged.on(showNone);
liveChanged.on(() => {
  if (live.state === 'connected') showNone();
});

/** Without a network nobody says that the session is over. */
let timer: ReturnType<typeof setTimeout>;
const lapseAt = (endsAtMs: number): void => {
  clearTimeout(timer);
  const lapse = (): void => (Date.now() >= endsAtMs ? lapseSession() : lapseAt(endsAtMs));
  timer = setTimeout(lapse, Math.min(endsAtMs - Date.now(), TIMER_MAX_MS));
};
addEventListener('online', () => clearTimeout(timer));

// What cannot be kept is read from the server only, as without this.
const keep = (answer: Answer): void => void kept.keep(answer).catch(() => {});
const keepUser = (): void => {
  if (session.user !== null) keep({ action: ME, params: {}, result: session.user, atMs: Date.now() });
};
keepUser();
sessionChanged.on(keepUser);
onAnswer((answer) => {
  // The user is known a moment after that answer.
  if (answer.action !== ME && isSameSession(answer.age, cookieAge.read())) keep(answer);
});

/** What was kept, where there is no connection to the server; of the user only for the start of the page. */
export const findAnswer = async (question: Question): Promise<unknown> => {
  const isReachable = navigator.onLine && live.state === 'connected';
  const isKnown = question.action === ME && session.phase !== 'starting';
  const found = isReachable || isKnown ? undefined : await kept.find(question);
  if (found === undefined) return undefined;
  lapseAt(found.endsAtMs);
  if (question.action === ME) addEventListener('online', () => void startSession(), { once: true });
  else showAge(found.atMs);
  return found.result;
};
