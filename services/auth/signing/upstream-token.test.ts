import { createLocalJWKSet, jwtVerify, type JSONWebKeySet } from 'jose';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { callerOf, startAuth, type AuthApp } from '../testing/start-auth.ts';

let app: AuthApp;
beforeAll(async () => {
  app = await startAuth();
});
afterAll(() => app?.stop());

const AUDIENCE = 'http://reports:8080';

it('a token for an upstream names the caller for a minute; the published keys verify it', async () => {
  const caller = callerOf(await app.register());
  const params = { audience: AUDIENCE };
  const { token } = await app.call(auth.actions.issueUpstreamToken, params, { as: caller });
  const keys = createLocalJWKSet((await app.call(auth.actions.keys, {})) as unknown as JSONWebKeySet);
  const { payload } = await jwtVerify(token, keys, { audience: AUDIENCE, typ: 'JWT', algorithms: ['EdDSA'] });
  const { sub, sid, role, exp = 0, iat = 0 } = payload;
  expect({ userId: sub, sessionId: sid, role }).toEqual(caller);
  expect(exp - iat).toBe(60);
});

it.each(['payloom', '', 'ftp://reports', 'http://reports/'])(
  '%s cannot be its audience',
  async (audience) => {
    const as = callerOf(await app.register());
    await expect(app.call(auth.actions.issueUpstreamToken, { audience }, { as })).rejects.toMatchObject({
      code: 'invalid_params',
    });
  },
);
