import { generateKeyPair } from 'jose';
import type { TokenOptions } from './fake-services.ts';
import type { TestGateway } from './start-gateway.ts';

/** Makes an invalid token; `ended` is the id of a session that has ended. */
type Make = (gateway: TestGateway, ended: string) => Promise<string>;

const parts = (token: string): [string, string, string] => token.split('.') as [string, string, string];
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

type Forgery = [name: string, make: Make, code?: string];
const signed =
  (options: TokenOptions): Make =>
  (gateway) =>
    gateway.sign(options);
const withHeader =
  (header: Record<string, unknown>, signature?: string): Make =>
  async (gateway) => {
    const [, payload, good] = parts(await gateway.sign());
    return `${encode(header)}.${payload}.${signature ?? good}`;
  };

/** Every way in which an access token can be forged or stale, with the error code of the refusal. */
export const FORGERIES: readonly (readonly [name: string, make: Make, code: string])[] = (
  [
    ['no token at all', async () => ''],
    ['no JWT', async () => 'a.b.c'],
    ['too long', async () => 'x'.repeat(8_000)],
    ['alg none', withHeader({ alg: 'none', typ: 'at+jwt', kid: 'key-1' }, '')],
    ['alg none, signature kept', withHeader({ alg: 'None', typ: 'at+jwt', kid: 'key-1' })],
    [
      'no signature',
      async (gateway) =>
        parts(await gateway.sign())
          .slice(0, 2)
          .join('.') + '.',
    ],
    [
      'the public key as an HMAC secret',
      async (gateway) =>
        gateway.sign({
          alg: 'HS256',
          key: new TextEncoder().encode(String(gateway.keys.jwk['x']).padEnd(64, '=')),
        }),
    ],
    [
      'another key under a known id',
      async (gateway) => gateway.sign({ key: (await generateKeyPair('EdDSA')).privateKey }),
    ],
    ['an unknown key id', signed({ kid: 'unknown' })],
    ['a key id that is a path', signed({ kid: '../../etc/passwd' })],
    ['a key id that is a prototype', signed({ kid: '__proto__' })],
    ['a key id that is a number', withHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 5 })],
    [
      'an embedded key in the header',
      withHeader({ alg: 'EdDSA', typ: 'at+jwt', jwk: {}, jku: 'http://127.0.0.1/' }),
    ],
    [
      'a critical extension',
      withHeader({ alg: 'EdDSA', typ: 'at+jwt', kid: 'key-1', crit: ['b64'], b64: false }),
    ],
    ['expired', signed({ expiresInS: -1 }), 'token_expired'],
    ['valid for a year', signed({ expiresInS: 365 * 24 * 3_600 })],
    ['valid for a second longer than auth issues', signed({ expiresInS: 601 })],
    ['issued in the future', (gateway) => gateway.sign({ iat: Math.floor(Date.now() / 1_000) + 3_600 })],
    ['another issuer', signed({ iss: 'https://evil.example' })],
    ['another audience', signed({ aud: 'other' })],
    ['another type', signed({ typ: 'JWT' })],
    ['a subject that is not a user id', signed({ sub: 'admin' })],
    ['an invalid session id', signed({ sid: { id: 1 } })],
    ['an unknown role', signed({ role: 'ROOT' })],
    ['an invalid version of rights', signed({ ver: 'newest' })],
    [
      'another payload under a good signature',
      async (gateway) => {
        const [header, payload, signature] = parts(await gateway.sign());
        const claims = JSON.parse(Buffer.from(payload, 'base64url').toString()) as object;
        return `${header}.${encode({ ...claims, role: 'ADMIN' })}.${signature}`;
      },
    ],
    ['an ended session', (gateway, ended) => gateway.sign({ sid: ended }), 'session_ended'],
  ] satisfies Forgery[]
).map(([name, make, code = 'unauthenticated']: Forgery) => [name, make, code]);
