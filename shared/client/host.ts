import type { User } from '../contracts/auth/auth.ts';
import type { ParamsOf } from '../contracts/contract.ts';
import type { Preferences, profile } from '../contracts/profile.ts';
import type { Client } from './client.ts';

/**
 * The version of the contract between shell and micro-frontends: `Mount` and `Host`. Who adds to it raises
 * this number: a micro-frontend that is built for a higher one than the shell's waits for a newer shell.
 * 1: as it was before it had a version. 2: `host.contract`, `host.failed`. 3: `host.client.query`.
 */
export const HOST_CONTRACT = 3;

/**
 * The oldest micro-frontends that the shell can still mount. Who changes or removes a part of the contract
 * raises it to the first version without that part.
 */
export const OLDEST_CONTRACT = 1;

/** The one function that a micro-frontend exposes: draws itself into the target and returns its unmount. */
export type Mount = (target: HTMLElement, host: Host) => () => void;

type ToastKind = 'success' | 'error' | 'info';

/** `offline`: the browser itself says that it has no network. */
export type LiveState = 'connected' | 'reconnecting' | 'offline';

/** Some of the preferences; what is not named stays. */
export type PreferencesChange = ParamsOf<typeof profile.actions.savePreferences>;

/**
 * What the shell offers to a mounted micro-frontend. Plain functions and values only: nothing reactive
 * crosses the border, so a second copy of the Svelte runtime would cost bytes and never correctness.
 */
export type Host = {
  /** The version of this contract that the shell offers, `HOST_CONTRACT` of its build. */
  readonly contract: number;
  /**
   * For what the micro-frontend cannot show: the shell takes it away, shows a card in its place, and loads it
   * again, in the version that worked last where the newest one fails.
   */
  failed(error: unknown): void;
  /** Path and query now, for example `/payments/pay_x?status=failed`. */
  path(): string;
  /** Goes to a path of our own pages, without a question; `replace` leaves no entry in the history. */
  navigate(to: string, options?: { replace?: boolean }): void;
  /**
   * Asks the user before what was typed is lost: before another page is opened by a link, the back button or
   * a menu, before signing out, and before the page is reloaded or closed. `isUnsaved` is called each time.
   * Returns the function that ends it; unmounting ends it too. Not asked about: `navigate`, the end of the
   * session, and another query of the same path. `givenUp` is called when the user leaves all the same.
   */
  guardLeave(isUnsaved: () => boolean, givenUp?: () => void): () => void;
  session: {
    /** The signed-in user, or null. */
    user(): User | null;
    /** Whether nobody is signed in because the session has ended by itself or was revoked. */
    hasExpired(): boolean;
    /** Notifies the shell and all tabs of a sign-in. */
    started(user: User): void;
    /** Notifies the shell and all tabs that the session is over. */
    ended(): void;
  };
  client: Client;
  /** Messages of the server: signals of changes. The data is read with `client`. */
  live: {
    /**
     * Calls the listener with each message of that full name (`realtime.payment-changed`), or, under the name
     * `reread`, when messages were missed, so that what was read until then has to be read again: at the
     * first connection, and where a later one could not make up for what it missed.
     */
    on(name: string, listener: (payload: unknown) => void): () => void;
    state(): LiveState;
  };
  preferences: {
    /** As they are now, with what is still on its way to the server. */
    get(): Preferences;
    /**
     * Shows the change at once, in every tab, and saves it.
     * @throws ProblemError or UnreachableError when it could not be saved; it is taken back then
     */
    save(change: PreferencesChange): Promise<void>;
  };
  toast(kind: ToastKind, text: string): void;
  /** Sets the page's title; the shell appends the product's name and announces it. */
  setTitle(title: string): void;
  /** How dates, times and amounts are written, as a BCP 47 tag; follows the chosen language. */
  readonly locale: string;
  /** Calls the listener after each change of what is named; returns the function that stops it. */
  on(event: 'path' | 'session' | 'live' | 'preferences', listener: () => void): () => void;
};
