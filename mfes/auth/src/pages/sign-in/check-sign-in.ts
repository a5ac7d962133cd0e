import { auth } from '../../../../../shared/contracts/auth/auth.ts';
import { problemsOf } from '../../parts/check-fields.ts';

/** What is wrong with each field of the form, by the contract. */
export const checkSignIn = (values: { email: string; password: string }): Record<string, string> =>
  problemsOf(auth.actions.login.params, values);
