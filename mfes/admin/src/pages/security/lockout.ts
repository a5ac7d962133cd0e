import type { auth } from '../../../../../shared/contracts/auth/auth.ts';
import type { ResultOf } from '../../../../../shared/contracts/contract.ts';

export type Lockout = ResultOf<typeof auth.actions.lockouts>['items'][number];
