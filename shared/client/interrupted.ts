import type { Host } from './host.ts';

type Reader = Pick<Host, 'session' | 'on'>;
/** A form with what was typed, of this user, at this place. */
type Kept<Form> = { userId: string; place: string; form: Form };

export type Interrupted<Form> = {
  /**
   * For a form that is opened. `found` is the one that the end of a session took from this user at this
   * place: it is given back once. Any other is dropped. Call `close` when the form is taken off the page.
   */
  open(reader: Reader, place: string): { found: Form | null; close: (form: Form) => void };
  /** Drops the form: what it was for is done after all. */
  drop(form: Form): void;
};

/**
 * Keeps a form that was taken off the page while its user was at it, because the session expired or was
 * revoked, until the same user has signed in again. In the memory of this page alone: a reload ends it,
 * another user's sign-in too. Of a form that its user leaves or signs out from nothing is kept.
 */
export const createInterrupted = <Form>(): Interrupted<Form> => {
  let kept: Kept<Form> | null = null;

  const keep = (mine: Kept<Form>, { session, on }: Reader): void => {
    kept = mine;
    const stop = on('session', () => {
      const user = session.user();
      if (user === null) return;
      stop();
      if (user.id !== mine.userId && kept === mine) kept = null;
    });
  };
  return {
    open: (reader, place) => {
      const userId = reader.session.user()?.id;
      const found = kept?.userId === userId && kept?.place === place ? kept.form : null;
      kept = null;
      return {
        found,
        close: (form) => {
          if (userId !== undefined && reader.session.hasExpired()) keep({ userId, place, form }, reader);
        },
      };
    },
    drop: (form) => {
      if (kept?.form === form) kept = null;
    },
  };
};
