import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { withSecretFiles } from './config.ts';

const folder = mkdtempSync(join(tmpdir(), 'payloom-secrets-'));
afterAll(() => rmSync(folder, { recursive: true }));

const fileWith = (text: string): string => {
  const file = join(folder, `secret-${Math.random()}`);
  writeFileSync(file, text);
  return file;
};

test.each([
  'REDIS_URL',
  'AUTH_KEY_SEAL',
  'AUTH_KEY_SEAL_PREVIOUS',
  'SERVICE_KEY_AUTH',
  'STRIPE_SECRET_KEY',
  'OTEL_EXPORTER_OTLP_HEADERS',
])('a file may hold %s, with or without a newline at its end', (name) => {
  expect(withSecretFiles({ [`${name}_FILE`]: fileWith('the value') })[name]).toBe('the value');
  expect(withSecretFiles({ [`${name}_FILE`]: fileWith('the value\n') })[name]).toBe('the value');
  expect(withSecretFiles({ [name]: 'given', [`${name}_FILE`]: '' })[name]).toBe('given');
});

test('a file of another kind is not read: SSL_CERT_FILE is for OpenSSL', () => {
  expect(withSecretFiles({ SSL_CERT_FILE: '/missing' })).toEqual({ SSL_CERT_FILE: '/missing' });
});

test('each file that is missing, empty or given twice is named in a sentence, and no value is shown', () => {
  const [empty, whole] = [fileWith('\n'), fileWith('hidden')];
  const env = {
    REDIS_URL_FILE: '/missing/redis',
    AUTH_KEY_SEAL_FILE: folder,
    STRIPE_SECRET_KEY_FILE: empty,
    STRIPE_WEBHOOK_SECRET: 'hidden',
    STRIPE_WEBHOOK_SECRET_FILE: whole,
  };
  expect(() => withSecretFiles(env)).toThrow(
    [
      'REDIS_URL_FILE names /missing/redis, which cannot be read (ENOENT)',
      `AUTH_KEY_SEAL_FILE names ${folder}, which cannot be read (EISDIR)`,
      `STRIPE_SECRET_KEY_FILE names ${empty}, which is empty`,
      'STRIPE_WEBHOOK_SECRET and STRIPE_WEBHOOK_SECRET_FILE are both set: remove one of them',
    ].join('\n'),
  );
});

test('a process whose secret file is missing says so and ends with status 1', () => {
  const env = { PATH: process.env['PATH'] ?? '', REDIS_URL_FILE: '/missing/redis' };
  const done = spawnSync(process.execPath, ['broker/process/start.ts'], { env, encoding: 'utf8' });
  expect(done.stderr).toBe(
    'Payloom did not start:\n  REDIS_URL_FILE names /missing/redis, which cannot be read (ENOENT)\n',
  );
  expect(done.status).toBe(1);
});
