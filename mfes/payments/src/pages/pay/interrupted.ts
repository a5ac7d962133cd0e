import type { PayForm } from './pay-form.svelte.ts';

/** A form, its reader, and the failed payment that it pays again. */
type Interrupted = { userId: string | undefined; again: string | null; form: PayForm };

let kept: Interrupted | null = null;

/**
 * Keeps a form, with its idempotency key, that was taken off the page while its reader was at it, because the
 * session ended. It stands in memory alone: a reload ends it.
 */
export const keepInterrupted = (interrupted: Interrupted): void => {
  kept = interrupted;
};

/**
 * The kept form, once, if it is this reader's and pays the same; any other is dropped, and one whose payment
 * is still being made.
 */
export const takeInterrupted = ({ userId, again }: Omit<Interrupted, 'form'>): PayForm | null => {
  const found = kept;
  kept = null;
  if (found === null || found.userId !== userId || found.again !== again) return null;
  return found.form.sending ? null : found.form;
};

/** Drops the form: its payment was made after all. */
export const dropInterrupted = (form: PayForm): void => {
  if (kept?.form === form) kept = null;
};
