import { newId } from '../../../broker/process/ids.ts';
import { startEdge, type Edge } from '../../../nginx/testing/start-edge.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { CONTRACTS } from '../../../shared/contracts/all.ts';
import type { Action } from '../../../shared/contracts/contract.ts';
import { startGateway, type TestGateway } from '../testing/start-gateway.ts';

let gateway: TestGateway;
let edge: Edge;
beforeAll(async () => {
  gateway = await startGateway();
  edge = await startEdge([gateway.port]);
});
afterAll(async () => {
  await edge.stop();
  await gateway.services.stop();
});

const ME = auth.actions.me.http.route;
const NAMES = ['etag', 'cache-control', 'vary', 'content-encoding'] as const;

describe.each([
  ['the gateway', () => gateway.ask],
  ['nginx', () => edge.ask],
])('from %s', (_name, askOf) => {
  const read = async (headers: Record<string, string>) => {
    const reply = await askOf()(ME, { headers });
    return { ...reply, caching: NAMES.map((name) => reply.headers[name]) };
  };

  test('a client with a token may keep a revalidated answer, and gets 304 while it is the same', async () => {
    const authorization = `Bearer ${await gateway.sign()}`;
    const first = await read({ authorization, 'accept-encoding': 'gzip, br' });
    const { etag = '' } = first.headers;
    expect([first.status, ...first.caching]).toEqual([
      ...[200, expect.stringMatching(/^W\/"[\w-]{22}"$/)],
      ...['private, no-cache', 'Authorization, Cookie', undefined],
    ]);
    for (const named of [etag, etag.replace('W/', ''), `"other", ${etag}`]) {
      const again = await read({ authorization, 'if-none-match': named });
      expect([again.status, again.text, again.caching]).toEqual([304, '', first.caching]);
      expect(again.headers['x-request-id']).not.toBe(first.headers['x-request-id']);
    }
    const changed = await read({ authorization, 'if-none-match': 'W/"of-an-earlier-answer"' });
    expect([changed.status, changed.text]).toEqual([200, first.text]);
  });

  test('with cookies it stays no-store, so that no browser keeps it on its disk; 304 works too', async () => {
    const cookie = gateway.cookie('access', await gateway.sign());
    const first = await read({ cookie });
    expect([first.status, ...first.caching]).toEqual([
      ...[200, expect.stringMatching(/^W\//)],
      ...['no-store', 'Authorization, Cookie', undefined],
    ]);
    const again = await read({ cookie, 'if-none-match': String(first.headers.etag) });
    expect([again.status, again.text, again.caching]).toEqual([304, '', first.caching]);
  });

  test('without a session a known entity tag is worth nothing', async () => {
    const { headers } = await read({ authorization: `Bearer ${await gateway.sign()}` });
    const refused = await read({ 'if-none-match': String(headers.etag) });
    expect([refused.status, refused.headers['cache-control'], refused.headers.etag]).toEqual([
      401,
      'no-store',
      undefined,
    ]);
  });
});

// Chromium holds an answer with Clear-Site-Data back until its cache is empty: seconds where it is large.
test('no sign-out waits for the HTTP cache of the browser', async () => {
  const token = await gateway.sign();
  const headers = { cookie: gateway.cookie('access', token), 'sec-fetch-site': 'same-origin' };
  const out = await edge.ask('POST /api/auth/logout', { headers });
  expect([out.status, out.headers['clear-site-data']]).toEqual([204, undefined]);
});

test('nor does the refusal by which a page learns that its session was revoked', async () => {
  const sid = newId('session', Date.now());
  const token = await gateway.sign({ sid });
  const revoked = { sessionIds: [sid], staleVersions: [] };
  await gateway.services.service('auth').sendSignal(auth.signals.revoked, revoked);
  const refused = await edge.ask(ME, { headers: { cookie: gateway.cookie('access', token) } });
  expect([refused.status, refused.headers['clear-site-data']]).toEqual([401, undefined]);
});

test('only GETs of JSON are revalidated, and none with secrets', () => {
  const revalidated = CONTRACTS.flatMap((contract): Action[] => Object.values(contract.actions)).filter(
    ({ http }) => http?.revalidated,
  );
  expect(revalidated.length).toBeGreaterThan(10);
  for (const { name, http, idempotent } of revalidated) {
    const { route = '', download, image, session } = http ?? {};
    expect([name, route.split(' ')[0], idempotent]).toEqual([name, 'GET', 'read']);
    expect([name, download ?? image ?? session]).toEqual([name, undefined]);
    // A user's details hold one-time links, the system's and the sessions' change with each request.
    expect(name).not.toMatch(/userDetails|system|sessions|export/i);
  }
});
