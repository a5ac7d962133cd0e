import { auth } from '../../../shared/contracts/auth/auth.ts';
import type { AuthApp } from './start-auth.ts';

export const WRONG_PASSWORD = 'Wrong-Password-1';

let hosts = 0;
/** Another address each time: what one test counts on an address must not reach the next. */
export const anAddress = (): string => `198.51.${++hosts >> 8}.${hosts & 255}`;
/** An e-mail address that no account has. */
export const nobody = (): string => `nobody${++hosts}@example.com`;

type From = { address?: string; deviceToken?: string };

/** Tries to sign in, and says with which code that was answered. */
export const guessing = (app: AuthApp) => {
  const guess = async (email: string, password: string, from: From = {}): Promise<string> => {
    const { address = anAddress(), deviceToken } = from;
    const params = { email, password, ...(deviceToken === undefined ? {} : { deviceToken }) };
    try {
      await app.call(auth.actions.login, params, { address });
      return 'welcome';
    } catch (error) {
      return (error as { code: string }).code;
    }
  };
  const guesses = async (count: number, email: string, password: string, from?: From): Promise<string[]> => {
    const answers: string[] = [];
    for (let n = 0; n < count; n++) answers.push(await guess(email, password, from));
    return answers;
  };
  return { guess, guesses };
};
export type Guessing = ReturnType<typeof guessing>;
