import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';
import type { Caller } from '../../../broker/calls/envelope.ts';
import { newId } from '../../../broker/process/ids.ts';
import { auth } from '../../../shared/contracts/auth/auth.ts';
import { startAuth, type AuthApp } from '../testing/start-auth.ts';

const mails: string[] = [];
let app: AuthApp;
let admin: Caller;
const start = async (env: Record<string, string>) => {
  app = await startAuth({ env: { PUBLIC_URL: 'https://pay.example.com', ...env } });
  admin = await app.admin();
};
afterEach(() => app.stop());

/** A mail server on loopback; `refuse` is what it answers to a message. */
const smtp = async (refuse?: string): Promise<{ url: string; end(): Promise<void> }> => {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onData: (stream, _session, done) => {
      void text(stream).then((mail) => {
        mails.push(mail);
        done(refuse === undefined ? null : new Error(refuse));
      });
    },
  });
  server.listen(0, '127.0.0.1');
  await once(server.server, 'listening');
  const { port } = server.server.address() as AddressInfo;
  return { url: `smtp://127.0.0.1:${port}`, end: () => new Promise((done) => server.close(() => done())) };
};
beforeEach(() => void mails.splice(0));

const invite = () => {
  const email = `shop-${newId('user', 1)}@example.com`;
  const params = { email, name: 'Shop & Söhne', role: 'VENDOR', reason: 'A new vendor' } as const;
  return app.call(auth.actions.inviteUser, params, { as: admin });
};
/** The text of a mail in quoted-printable. */
const decoded = (mail: string): string =>
  mail
    .replaceAll('=\r\n', '')
    .replaceAll(/=([\dA-F]{2})/g, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
const linkIn = (mail: string): string => /https:\S+#(pl_[\w-]+)/.exec(decoded(mail))?.[1] ?? '';

it('an invitation and a reset are sent by mail, and their links are not answered', async () => {
  const server = await smtp();
  await start({ SMTP_URL: server.url, MAIL_FROM: 'Payloom <pay@example.com>' });
  const { user, link, mail } = await invite();
  expect({ link, mail }).toEqual({ link: null, mail: 'sent' });
  expect(mails).toHaveLength(1);
  expect(mails[0]).toMatch(/^From: Payloom <pay@example.com>/m);
  expect(mails[0]).toContain(user.email);
  const token = linkIn(mails[0] ?? '');
  await app.call(auth.actions.setPassword, { token, newPassword: 'TestPassword123!' });
  const params = { id: user.id, reason: 'Asked by phone' };
  expect(await app.call(auth.actions.resetPassword, params, { as: admin })).toMatchObject({
    link: null,
    mail: 'sent',
  });
  expect(await app.call(auth.actions.passwordLink, { token: linkIn(mails[1] ?? '') })).toMatchObject({
    kind: 'reset',
    email: user.email,
  });
  await server.end();
});

it('a link that the mail server refuses is answered instead, and is valid', async () => {
  const server = await smtp('no such mailbox');
  await start({ SMTP_URL: server.url });
  const { link, mail } = await invite();
  expect(mail).toBe('failed');
  expect(await app.call(auth.actions.passwordLink, { token: link?.split('#')[1] ?? '' })).toMatchObject({
    kind: 'invitation',
  });
  await server.end();
});

it('a mail server that does not answer delays the answer by three seconds at most', async () => {
  const sockets: Socket[] = [];
  const silent = createServer((socket) => void sockets.push(socket)).listen(0, '127.0.0.1');
  await once(silent, 'listening');
  await start({ SMTP_URL: `smtp://127.0.0.1:${(silent.address() as AddressInfo).port}` });
  const startedMs = performance.now();
  expect(await invite()).toMatchObject({ mail: 'failed', link: expect.stringContaining('#pl_') });
  expect(performance.now() - startedMs).toBeLessThan(4_500);
  for (const socket of sockets) socket.destroy();
  silent.close();
});

it('without a mail server the link is answered', async () => {
  await start({});
  expect(await invite()).toMatchObject({ mail: 'off', link: expect.stringContaining('#pl_') });
});
