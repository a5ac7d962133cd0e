import type { User } from '../contracts/auth/auth.ts';
import { createInterrupted } from './interrupted.ts';

const FORM = { text: 'typed' };

/** A page with one kind of form, whose session the test begins and ends. */
const openPage = () => {
  const listeners = new Set<() => void>();
  let userId: string | null = 'usr_1';
  let expired = false;
  const become = (next: string | null, hasExpired = false): void => {
    userId = next;
    expired = hasExpired;
    [...listeners].forEach((listener) => listener());
  };
  const reader = {
    session: {
      user: () => (userId === null ? null : ({ id: userId } as User)),
      hasExpired: () => expired,
      started: () => {},
      ended: () => {},
    },
    on: (_event: string, listener: () => void) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
  };
  const interrupted = createInterrupted<typeof FORM>();
  const open = (place = 'here') => interrupted.open(reader, place);
  return { interrupted, open, become, listens: () => listeners.size > 0 };
};

/** The same, where a session has expired while the form was open. */
const openInterrupted = () => {
  const page = openPage();
  const { close } = page.open();
  page.become(null, true);
  close(FORM);
  return page;
};

describe('a form that the end of a session interrupted', () => {
  it('is given back once to the same user at the same place', () => {
    const { open, become, listens } = openInterrupted();
    become('usr_1');
    expect(open().found).toBe(FORM);
    expect(open().found).toBeNull();
    expect(listens()).toBe(false);
  });

  it('is dropped at another place', () => {
    const { open, become } = openInterrupted();
    become('usr_1');
    expect(open('elsewhere').found).toBeNull();
    expect(open().found).toBeNull();
  });

  it('is dropped when another user signs in, before anything is opened', () => {
    const { open, become, listens } = openInterrupted();
    become('usr_2');
    become(null);
    become('usr_1');
    expect(open().found).toBeNull();
    expect(listens()).toBe(false);
  });

  it('is not given back when what it was for is done', () => {
    const { interrupted, open, become } = openInterrupted();
    interrupted.drop({ text: 'another' });
    interrupted.drop(FORM);
    become('usr_1');
    expect(open().found).toBeNull();
  });
});

it.each([['usr_1'], ['usr_2'], [null]])(
  'a form closed without an expired session, then %s, is not kept',
  (next) => {
    const { open, become } = openPage();
    const { close } = open();
    become(next);
    close(FORM);
    become('usr_1');
    expect(open().found).toBeNull();
  },
);
