import { createHash } from 'node:crypto';
import { hash as bcrypt } from '@node-rs/bcrypt';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { newId } from '../../../broker/process/ids.ts';
import { callerOf, OTHER_PASSWORD, PASSWORD, startAuth, type AuthApp } from '../testing/start-auth.ts';

// Accounts as scripts/poc2 brings them: hashes of bcrypt, and tokens of which only the hash is known.

let app: AuthApp;
beforeAll(async () => {
  app = await startAuth();
});
afterAll(() => app?.stop());

const hashOf = async (id: string): Promise<string> => {
  const [row] = (await app.sql('select password_hash as hash from users where id = $1', [id])) as {
    hash: string;
  }[];
  return row?.hash ?? '';
};

/** An account with a hash of bcrypt. */
const earlierAccount = async (password = PASSWORD) => {
  const signedIn = await app.register();
  const hash = await bcrypt(password, 4);
  await app.sql('update users set password_hash = $2 where id = $1', [signedIn.user.id, hash]);
  return { ...signedIn, hash };
};

describe('a password hashed by bcrypt', () => {
  it('is accepted, and hashed by argon2id from then on', async () => {
    const account = await earlierAccount();
    await app.login(account);
    expect(await hashOf(account.user.id)).toMatch(/^\$argon2id\$/);
    await app.login(account);
  });

  it('stays as it is after a wrong password, which counts as any other', async () => {
    const account = await earlierAccount();
    const codes: string[] = [];
    for (let n = 0; n < 6; n++)
      await app.login(account, 'Wrong-Password-1').catch((error: { code: string }) => codes.push(error.code));
    expect(codes).toEqual([...Array<string>(5).fill('wrong_credentials'), 'sign_in_locked']);
    expect(await hashOf(account.user.id)).toBe(account.hash);
  });

  it('lets sign-ins at the same time all in', async () => {
    const account = await earlierAccount();
    const all = await Promise.all(Array.from({ length: 4 }, () => app.login(account)));
    expect(new Set(all.map(({ tokens }) => tokens.refreshToken)).size).toBe(4);
    expect(await hashOf(account.user.id)).toMatch(/^\$argon2id\$/);
  });

  it('is of the letters as they were typed', async () => {
    const typed = 'Caf\u00e9-at-Nine-9'.normalize('NFD');
    const account = await earlierAccount(typed);
    await app.login(account, typed);
    await app.login(account, typed.normalize('NFC'));
  });

  it('can be changed', async () => {
    const account = await earlierAccount();
    const change = { currentPassword: PASSWORD, newPassword: OTHER_PASSWORD };
    await app.call(auth.actions.changePassword, change, { as: callerOf(account) });
    await app.login(account, OTHER_PASSWORD);
  });

  it('does not open the account of a suspended user, and is not replaced', async () => {
    const account = await earlierAccount();
    await app.sql("update users set status = 'suspended' where id = $1", [account.user.id]);
    await expect(app.login(account)).rejects.toMatchObject({ code: 'account_suspended' });
    expect(await hashOf(account.user.id)).toBe(account.hash);
  });
});

it('a long token of which only the hash is known is exchanged once, for one of ours', async () => {
  const { user } = await app.register();
  const token = 'x'.repeat(600);
  const sessionId = newId('session', Date.now());
  await app.sql(
    `insert into sessions (id, user_id, started_at, expires_at)
     values ($1, $2, now(), now() + interval '1 day')`,
    [sessionId, user.id],
  );
  await app.sql(
    `insert into refresh_tokens (hash, session_id, issued_at, expires_at)
     values ($1, $2, now(), now() + interval '1 day')`,
    [createHash('sha256').update(token).digest(), sessionId],
  );
  const { tokens } = await app.refresh(token);
  expect(tokens.refreshToken).toMatch(/^rt_/);
  await app.refresh(tokens.refreshToken);
  await expect(app.refresh(token)).rejects.toMatchObject({ code: 'session_ended' });
});
