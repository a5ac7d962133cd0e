import { isProblem, sentenceFor } from '../../../../shared/client/problem.ts';
import type { ErrorCode } from '../../../../shared/contracts/errors.ts';

/** Refusals in the words of the pages; all others say what the API says. */
const SENTENCES: Partial<Record<ErrorCode, string>> = {
  own_account: 'This is your own account. Another administrator has to do this.',
  last_admin:
    'This is the last administrator who can sign in, and has to stay one. ' +
    'Make another user an administrator first.',
  account_closed: 'This account has been closed for good.',
  user_not_found: 'There is no such user.',
  email_taken: 'Another account has this e-mail address.',
  not_invited: 'This user has set a password meanwhile. Reset the password instead.',
  invitation_pending: 'This user has not set a password yet. Renew the invitation instead.',
  session_not_found: 'This session has ended meanwhile.',
  lockout_not_found: 'This lockout is over already.',
  setting_changed: 'Another administrator has changed this meanwhile.',
  own_request: 'This is your own request. Another administrator has to approve it.',
  approval_over: 'This request has been decided, has expired or is void.',
};

/** Why an act was refused, by its code. */
export const refusalText = (code: string): string =>
  SENTENCES[code as ErrorCode] ?? 'This was refused. Open the user to see more.';

/** Why an act did not happen, as a sentence for the administrator. */
export const refusalSentence = (error: unknown): string =>
  (isProblem(error) && SENTENCES[error.problem.code]) || sentenceFor(error);
