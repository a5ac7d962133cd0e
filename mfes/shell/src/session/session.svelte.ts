import { isProblem } from '../../../../shared/client/problem.ts';
import { auth, type User } from '../../../../shared/contracts/auth/auth.ts';
import { observed } from '../../../../shared/telemetry/observed.ts';
import { noteCall } from '../errors/reports.ts';
import { answers, deleteAnswers, keepAnswers } from '../offline/answers.svelte.ts';
import { navigate, router } from '../routing/router.svelte.ts';
import { nextOf, SIGN_IN, viewOf } from '../routing/routes.ts';
import { createSessionState } from './session-state.ts';
import { createSignal } from './signal.ts';
import { recall, remember, sharedValue } from './storage.ts';

type Phase = 'starting' | 'ready' | 'failed';
type Session = { phase: Phase; user: User | null; error: unknown };

/** The signed-in user as the server last returned it; the cookies are not readable by scripts. */
export const session = $state<Session>({ phase: 'starting', user: null, error: null });
export const sessionChanged = createSignal();

/** Who was signed in last, by id: a first visitor's 401 causes no refresh; what is kept is of that user. */
const SIGNED_IN_KEY = 'payloom-signed-in';
/** Another value after each change of the cookies, so that tabs know those that another one got. */
const COOKIE_AGE = 'payloom-cookies';

/** The sign as this page last stored it; null also where storage is forbidden. */
let storedSign: string | null = null;

let expired = false;
/**
 * Whether nobody is signed in because the session has expired or was revoked. No reactive state: a page that
 * is taken away for that reason would still read what was before.
 */
export const hasExpired = (): boolean => expired;

let onExpired = (): void => {};
/** Sets the callback for a session that expires while the page is in use. */
export const whenExpired = (notify: () => void): void => {
  onExpired = notify;
};

const setUser = (user: User | null): void => {
  if (user === null || user.id !== recall(SIGNED_IN_KEY)) deleteAnswers();
  const changed = JSON.stringify(user) !== JSON.stringify(session.user);
  session.user = user;
  if (user !== null) {
    expired = false;
    keepAnswers();
  }
  remember(SIGNED_IN_KEY, user?.id ?? null);
  storedSign = recall(SIGNED_IN_KEY);
  if (changed) sessionChanged.notify();
};

export const mayHaveSession = (): boolean => session.user !== null || recall(SIGNED_IN_KEY) !== null;

export const cookieAge = sharedValue(COOKIE_AGE);

const sessionState = createSessionState({
  fetch: (...request) => fetch(...request),
  onCall: (call) => {
    noteCall(call);
    observed({ kind: 'called', call });
  },
  answers,
  age: cookieAge,
  channel: new BroadcastChannel('payloom-session'),
  user: () => session.user,
  setUser,
  hasSession: mayHaveSession,
  isSignGone: () => storedSign !== null && recall(SIGNED_IN_KEY) === null,
  expired: () => {
    expired = true;
    onExpired();
  },
});

export const { client, lapse: lapseSession } = sessionState;

/**
 * Confirms the session, with fresh cookies afterwards.
 * @throws ProblemError or UnreachableError when that is unknown
 */
export const confirmSession = sessionState.confirm;

let settled = (): void => {};
/** Resolves when it is known who is signed in, or that the server does not say so now. */
export const sessionSettled = new Promise<void>((resolve) => {
  settled = resolve;
});

/** Asks the server who is signed in. */
export const startSession = async (): Promise<void> => {
  try {
    await confirmSession();
    session.phase = 'ready';
  } catch (error) {
    // A signed-in page stays usable when a later request gets no answer.
    if (session.phase === 'ready') return;
    session.error = error;
    session.phase = 'failed';
  } finally {
    settled();
  }
};

/** After a sign-in: goes to the requested page. */
export const sessionStarted = (user: User): void => {
  sessionState.started(user);
  const view = viewOf(router.path, null);
  const isSignedOutPage = view.kind === 'remote' && view.access === 'signedOut';
  if (isSignedOutPage) navigate(nextOf(router.path, user.role), { replace: true });
};

/** After a sign-out. */
export const sessionEnded = (): void => {
  sessionState.ended();
  navigate(SIGN_IN);
};

/** Signs out. Without a network that fails, but what is kept in this browser goes all the same. */
export const signOut = async (): Promise<void> => {
  deleteAnswers();
  try {
    await client.call(auth.actions.logout, {});
  } catch (error) {
    // 401: the session had already ended.
    if (!isProblem(error) || error.problem.status !== 401) throw error;
  }
  sessionEnded();
};

/** Subscribes to other tabs; a page restored from the back/forward cache asks the server again. */
export const subscribeOtherTabs = (): (() => void) => {
  const frozen = (): void => sessionState.freeze();
  const thawed = (event: PageTransitionEvent): void => {
    if (!event.persisted) return;
    sessionState.thaw();
    void startSession();
  };
  const unfollow = sessionState.followOtherTabs(() => void startSession());
  addEventListener('pagehide', frozen);
  addEventListener('pageshow', thawed);
  return () => {
    unfollow();
    removeEventListener('pagehide', frozen);
    removeEventListener('pageshow', thawed);
  };
};
