import type { AuthAction } from '../../auth.ts';
import { countActiveUsers } from '../../persistence/sessions/sessions.ts';

export const activity: AuthAction<'activity'> = ({ db, clock }) => countActiveUsers(db, clock.now());
