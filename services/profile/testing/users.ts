import type { Caller } from '../../../broker/calls/envelope.ts';
import { newId } from '../../../broker/process/ids.ts';

let users = 0;

/** A signed-in user whom no test has seen before. */
export const newUser = (): Caller => ({
  userId: newId('user', ++users),
  sessionId: newId('session', users),
  role: 'CUSTOMER',
});
