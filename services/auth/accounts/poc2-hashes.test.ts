import { verify } from '@node-rs/bcrypt';
import { openTestDatabase, type TestDatabase } from '../../../broker/testing/test-database.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { service } from '../auth.service.ts';
import { callerOf, OTHER_PASSWORD, PASSWORD, startAuth, type AuthApp } from '../testing/start-auth.ts';

let database: TestDatabase;
let app: AuthApp;
beforeAll(async () => {
  const migrations = service.database?.migrations as URL;
  database = await openTestDatabase({ migrations });
  await database.db.query('create table poc2_hashes (user_id text primary key, hash text not null)');
  app = await startAuth({ env: { AUTH_DATABASE_URL: database.url } });
});
afterAll(async () => {
  await app?.stop();
  await database?.end();
});

const hashOf = async (id: string): Promise<string | null> => {
  const rows = await app.sql('select hash from poc2_hashes where user_id = $1', [id]);
  return (rows[0] as { hash: string } | undefined)?.hash ?? null;
};
const reason = 'Asked for it';
const { changePassword, resetPassword, setPassword, closeAccount, closeUser, inviteUser } = auth.actions;

it('a new password is hashed as POC-2 does, at registration and at each change', async () => {
  const signedIn = await app.register();
  const { id } = signedIn.user;
  const first = await hashOf(id);
  expect(first).toMatch(/^\$2b\$10\$/);
  expect(await verify(PASSWORD, first ?? '')).toBe(true);
  const params = { currentPassword: PASSWORD, newPassword: OTHER_PASSWORD };
  await app.call(changePassword, params, { as: callerOf(signedIn) });
  expect(await verify(OTHER_PASSWORD, (await hashOf(id)) ?? '')).toBe(true);
  const other = callerOf(await app.login(signedIn, OTHER_PASSWORD));
  await expect(app.call(changePassword, params, { as: other })).rejects.toMatchObject({
    code: 'wrong_password',
  });
  expect(await verify(OTHER_PASSWORD, (await hashOf(id)) ?? '')).toBe(true);
});

it('that of a reset goes, that of a link comes, and that of a closed account goes', async () => {
  const admin = await app.admin();
  const { user, link } = await app.call(
    inviteUser,
    { email: 'shop@example.com', name: 'Shop', role: 'VENDOR', reason },
    { as: admin },
  );
  const tokenOf = (text: string | null) => String(text).split('#')[1] ?? '';
  expect(await hashOf(user.id)).toBeNull();
  await app.call(setPassword, { token: tokenOf(link), newPassword: PASSWORD });
  expect(await verify(PASSWORD, (await hashOf(user.id)) ?? '')).toBe(true);
  const reset = await app.call(resetPassword, { id: user.id, reason }, { as: admin });
  expect(await hashOf(user.id)).toBeNull();
  await app.call(setPassword, { token: tokenOf(reset.link), newPassword: OTHER_PASSWORD });
  expect(await verify(OTHER_PASSWORD, (await hashOf(user.id)) ?? '')).toBe(true);
  await app.call(closeUser, { id: user.id, reason }, { as: admin });
  expect(await hashOf(user.id)).toBeNull();
  const leaving = await app.register();
  await app.call(closeAccount, { password: PASSWORD }, { as: callerOf(leaving) });
  expect(await hashOf(leaving.user.id)).toBeNull();
});

it('when the table is dropped while auth runs, passwords go on without it', async () => {
  await app.sql('drop table poc2_hashes');
  const signedIn = await app.register();
  const params = { currentPassword: PASSWORD, newPassword: OTHER_PASSWORD };
  await app.call(changePassword, params, { as: callerOf(signedIn) });
  await app.call(closeAccount, { password: OTHER_PASSWORD }, { as: callerOf(signedIn) });
});
