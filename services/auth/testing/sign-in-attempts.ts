import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { AuthApp } from './start-auth.ts';

export const WRONG_PASSWORD = 'Wrong-Password-1';

let made = 0;
/** A network address of its own for each use, so that no test counts the failures of another one. */
export const newAddress = (): string => `198.51.${++made >> 8}.${made & 255}`;
/** An e-mail address without an account. */
export const unknownEmail = (): string => `unknown${++made}@example.com`;

type From = { address?: string; deviceToken?: string };

/** Attempts to sign in; each gives `accepted` or the code of its error. */
export const signInAttempts = (app: AuthApp) => {
  const attempt = async (email: string, password: string, from: From = {}): Promise<string> => {
    const { address = newAddress(), deviceToken } = from;
    const params = { email, password, ...(deviceToken === undefined ? {} : { deviceToken }) };
    try {
      await app.call(auth.actions.login, params, { address });
      return 'accepted';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  const attempts = async (count: number, email: string, password: string, from?: From): Promise<string[]> => {
    const outcomes: string[] = [];
    for (let n = 0; n < count; n++) outcomes.push(await attempt(email, password, from));
    return outcomes;
  };
  return { attempt, attempts };
};
export type SignInAttempts = ReturnType<typeof signInAttempts>;
