import sharp from 'sharp';
import type { Problem } from '../../shared/contracts/errors.ts';
import { AVATAR_MAX_BYTES } from '../../shared/contracts/profile/sizes.ts';
import { PASSWORD, startWorld, type World } from './world.ts';

let world: World;
beforeAll(async () => {
  world = await startWorld();
}, 60_000);
afterAll(() => world?.services.stop());

const png = (background: string) =>
  sharp({ create: { width: 300, height: 200, channels: 3, background } })
    .png()
    .toBuffer();

type Sent = { token?: string; body?: Buffer; headers?: Record<string, string> };
const send = (method: string, path: string, { token, body, headers }: Sent = {}) =>
  fetch(world.origin + path, {
    method,
    headers: { ...(token && { authorization: `Bearer ${token}` }), ...headers },
    ...(body && { body: new Uint8Array(body) }),
  });
const upload = (token: string | undefined, body: Buffer, headers = {}) =>
  send('PUT', '/api/profile/avatar', { token, body, headers });
const codeOf = async (reply: Response): Promise<[number, string]> => {
  const { status, code } = (await reply.json()) as Problem;
  return [status, code];
};
const hashOf = async (token: string): Promise<string | null> => {
  const reply = await send('GET', '/api/profile', { token });
  return ((await reply.json()) as { avatar: string | null }).avatar;
};

/** The cookies that a browser gets for its session. */
const cookieOf = async (email: string): Promise<string> => {
  const headers = { origin: world.origin };
  const reply = await world.ask('POST /api/auth/login', { json: { email, password: PASSWORD }, headers });
  return reply.headers
    .getSetCookie()
    .map((value) => value.split(';')[0])
    .join('; ');
};

it('is stored by its bytes, whatever its type is called, and kept by no browser', async () => {
  const { accessToken: token, caller } = await world.signIn(world.payer.email);
  const other = (await world.signIn(world.payee.email)).accessToken;
  const reply = await upload(token, await png('red'), { 'content-type': 'text/html' });
  expect([reply.status, await reply.text()]).toEqual([204, '']);
  const hash = await hashOf(token);
  const path = `/api/avatars/${caller.userId}`;
  const bearer = { authorization: `Bearer ${other}` };
  const cookie = { cookie: await cookieOf(world.payee.email) };
  for (const [address, headers, caching] of [
    [`${path}?v=${hash}`, bearer, 'private, no-cache'],
    [`${path}?v=${hash}`, cookie, 'no-store'],
    [path, cookie, 'no-store'],
    [`${path}?v=${'0'.repeat(32)}`, cookie, 'no-store'],
  ] as const) {
    const image = await send('GET', address, { headers });
    expect(image.headers.get('vary')).toBe('Authorization, Cookie');
    const names = ['content-type', 'cache-control', 'etag', 'x-content-type-options'];
    expect(names.map((name) => image.headers.get(name))).toEqual([
      'image/webp',
      caching,
      `"${hash}"`,
      'nosniff',
    ]);
    expect(image.headers.get('content-security-policy')).toContain("default-src 'none'");
    expect((await sharp(Buffer.from(await image.arrayBuffer())).metadata()).format).toBe('webp');
    const known = await send('GET', address, { headers: { ...headers, 'if-none-match': `W/"${hash}"` } });
    expect([known.status, await known.text(), known.headers.get('cache-control')]).toEqual([
      304,
      '',
      caching,
    ]);
  }
  expect(await codeOf(await send('GET', `${path}?v=${hash}`))).toEqual([401, 'unauthenticated']);
  const removed = await send('DELETE', '/api/profile/avatar', { token });
  expect(removed.status).toBe(204);
  expect(await codeOf(await send('GET', path, { token: other }))).toEqual([404, 'avatar_not_found']);
  expect(await hashOf(token)).toBeNull();
});

it('is refused with a reason that helps, and the client reads it', async () => {
  const { accessToken: token } = await world.signIn(world.payer.email);
  const image = await png('blue');
  expect(await codeOf(await upload(undefined, image))).toEqual([401, 'unauthenticated']);
  expect(await codeOf(await upload(token, Buffer.from('{"a":1}'), { 'content-type': 'image/png' }))).toEqual([
    415,
    'image_unsupported',
  ]);
  expect(await codeOf(await upload(token, image.subarray(0, 60)))).toEqual([422, 'image_unreadable']);
  expect(await codeOf(await upload(token, image, { 'content-encoding': 'gzip' }))).toEqual([
    415,
    'unsupported_encoding',
  ]);
  const large = Buffer.concat([image, Buffer.alloc(AVATAR_MAX_BYTES)]);
  expect(await codeOf(await upload(token, large))).toEqual([413, 'body_too_large']);
  const stream = new ReadableStream<Uint8Array>({
    start(controller) {
      for (let at = 0; at < large.length; at += 65_536)
        controller.enqueue(new Uint8Array(large.subarray(at, at + 65_536)));
      controller.close();
    },
  });
  const inChunks = await fetch(`${world.origin}/api/profile/avatar`, {
    method: 'PUT',
    headers: { authorization: `Bearer ${token}` },
    body: stream,
    duplex: 'half',
  } as RequestInit);
  expect(await codeOf(inChunks)).toEqual([413, 'body_too_large']);
  expect(await codeOf(await send('PUT', '/api/profile/avatar?last=false', { token, body: image }))).toEqual([
    422,
    'invalid_params',
  ]);
  expect(await hashOf(token)).toBeNull();
});
