import type { User } from '../contracts/auth.ts';
import type { Client } from './client.ts';

/** The one function that a micro-frontend exposes: draws itself into the target and returns its unmount. */
export type Mount = (target: HTMLElement, host: Host) => () => void;

export type ToastKind = 'success' | 'error' | 'info';

/**
 * What the shell offers to a mounted micro-frontend. Plain functions and values only: nothing reactive
 * crosses the border, so a second copy of the Svelte runtime would cost bytes and never correctness.
 */
export type Host = {
  /** Path and query now, for example `/payments/pay_x?status=failed`. */
  path(): string;
  /** Goes to a path of our own pages; `replace` leaves no entry in the history. */
  navigate(to: string, options?: { replace?: boolean }): void;
  session: {
    /** The signed-in user, or null. */
    user(): User | null;
    /** Tells the shell (and every other tab) that somebody has signed in. */
    started(user: User): void;
    /** Tells the shell (and every other tab) that the session is over. */
    ended(): void;
  };
  client: Client;
  toast(kind: ToastKind, text: string): void;
  /** Sets the page's title; the shell appends the product's name and announces it. */
  setTitle(title: string): void;
  /** The reader's locale as a BCP 47 tag, for formats. */
  locale: string;
  /** Calls the listener after each change of path or session; returns the function that stops it. */
  on(event: 'path' | 'session', listener: () => void): () => void;
};
