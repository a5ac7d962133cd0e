import { isProblem } from '../../../../../shared/client/problem.ts';

/**
 * The Idempotency-Key of one opened form and the state of its payment. `doubted` is the body of an attempt
 * without an answer: that payment may exist under this key.
 */
export type PaymentKey = {
  key: string;
  tried: string | null;
  refused: boolean;
  spent: boolean;
  doubted: string | null;
};

export const openKey = (fresh: () => string): PaymentKey => ({
  key: fresh(),
  tried: null,
  refused: false,
  spent: false,
  doubted: null,
});

/**
 * The key for sending this body. A new one only when the old key has done its payment, or when the server
 * has definitely refused and something was changed since. While a try is in doubt the key stays, so that
 * trying again can never pay twice.
 */
export const keyFor = (state: PaymentKey, body: string, fresh: () => string): PaymentKey => {
  const changedAfterRefusal = state.refused && state.doubted === null && state.tried !== body;
  return state.spent || changedAfterRefusal ? openKey(fresh) : state;
};

/** Codes of a refusal that came before the server looked at the key: they say nothing of an earlier try. */
const BEFORE_THE_KEY = [400, 401, 403, 413, 415, 429];

/** What is known of the key after a try: `error` is null when the payment was made. */
export const keyAfter = (state: PaymentKey, body: string, error: unknown): PaymentKey => {
  const tried = { ...state, tried: body, refused: false };
  if (error === null) return { ...tried, spent: true, doubted: null };
  if (!isProblem(error)) return { ...tried, doubted: state.doubted ?? body };
  const { code, status } = error.problem;
  // Under this key another body was paid: the one in doubt did arrive.
  if (code === 'idempotency_key_reused') return { ...tried, spent: true, doubted: null };
  // Refused for certain, although it will be possible again.
  const isStopped = code === 'payments_stopped';
  if ((status >= 500 && !isStopped) || code === 'idempotency_in_progress')
    return { ...tried, doubted: state.doubted ?? body };
  const settles = state.doubted === body && !isStopped && !BEFORE_THE_KEY.includes(status);
  return { ...tried, refused: true, doubted: settles ? null : state.doubted };
};
