import type { Transaction } from '../../../broker/postgres/database.ts';
import type { Service } from '../../../broker/process/service.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { wholeFailures } from '../domain/lockouts/lockout.ts';
import { findUserByEmail } from '../persistence/accounts/users.ts';
import type { LockoutRow } from '../persistence/lockouts/sign-in-failures.ts';
import type { Decision } from './admin-decision.ts';

/** Writes the event of a lockout that this transaction has lifted. */
export const recordLift = async (
  { outbox }: Pick<Service, 'outbox'>,
  tx: Transaction,
  { kind, subject, failures }: LockoutRow,
  decision: Decision,
): Promise<void> => {
  const user = kind === 'account' ? await findUserByEmail(tx, subject) : null;
  const changes = { before: { failures: wholeFailures(failures) }, after: { failures: 0 } };
  const event = { kind, subject, userId: user?.id ?? null, ...decision, ...changes };
  await outbox.add(tx, auth.events.lockoutLifted, event);
};
