import type { Client } from '../../../../../shared/client/client.ts';
import { hasCode } from '../../../../../shared/client/problem.ts';
import { auth, type Session } from '../../../../../shared/contracts/auth/auth.ts';

/** Signs one other device out; one that has ended already is what was asked for. */
export const endSession = async (client: Client, { id }: Pick<Session, 'id'>): Promise<void> => {
  await client.call(auth.actions.endSession, { id }).catch((problem: unknown) => {
    if (!hasCode(problem, 'session_not_found')) throw problem;
  });
};

/** Signs every other device out; answers how many they were. */
export const endOthers = async (client: Client): Promise<number> =>
  (await client.call(auth.actions.endOtherSessions, {})).ended;

/** Signs this device out: by the sign-out, which also takes its cookies away. */
export const endCurrent = async (client: Client): Promise<void> => {
  await client.call(auth.actions.logout, {}).catch((problem: unknown) => {
    if (!hasCode(problem, 'unauthenticated', 'token_expired', 'session_ended')) throw problem;
  });
};
