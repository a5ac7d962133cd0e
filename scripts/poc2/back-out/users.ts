import { insert, mappedIn, update, type Was, type Write } from './writes.ts';

/** A user of auth, with its hash for POC-2 where its password was set since. */
export type UserNow = {
  id: string;
  old_id: string;
  email: string;
  name: string;
  role: string;
  status: 'active' | 'suspended' | 'deleted';
  password_state: 'set' | 'invited' | 'reset';
  created_at: string;
  updated_at: string;
  hash: string | null;
};

/**
 * POC-2 knows no state of an account: who may not sign in gets what no password's hash is. That of a
 * suspended user goes on behind these words, so that taking them away lifts the suspension.
 */
const SUSPENDED = 'payloom:suspended:';
const CLOSED = 'payloom:closed';
const NO_PASSWORD = 'payloom:no-password';

const isOwn = (hash: string): boolean => hash.startsWith('payloom:');

/** Whether a user may use POC-2. */
export const mayUsePoc2 = ({ status, password_state: state }: UserNow): boolean =>
  status === 'active' && state === 'set';

const passwordOf = (now: UserNow, was: Was | null): string => {
  if (now.status === 'deleted') return CLOSED;
  const own = was?.row['password_hash'] ?? null;
  if (now.password_state !== 'set') {
    const isAsBefore = mappedIn(was, 'users')?.['password_state'] === now.password_state;
    return isAsBefore && own !== null ? own : NO_PASSWORD;
  }
  const hash = now.hash ?? own ?? NO_PASSWORD;
  return now.status === 'suspended' && !isOwn(hash) ? `${SUSPENDED}${hash}` : hash;
};

/** What becomes of a user's row in POC-2. Its verified address and all that has not changed stay. */
export const userBack = (now: UserNow, was: Was | null): Write[] => {
  const { old_id: id, email, name, role, created_at, updated_at } = now;
  const password = passwordOf(now, was);
  if (was === null)
    return [
      insert('users', id, {
        ...{ email, password_hash: password, name, role, email_verified: 'false', created_at, updated_at },
      }),
    ];
  const mapped = mappedIn(was, 'users');
  return update('users', id, {
    // Nobody has verified a new one.
    ...(mapped?.['email'] !== email && { email, email_verified: 'false' }),
    ...(mapped?.['name'] !== name && { name }),
    ...(mapped?.['role'] !== role && { role }),
    ...(was.row['password_hash'] !== password && { password_hash: password }),
    ...(mapped?.['updated_at'] !== updated_at && { updated_at }),
  });
};
