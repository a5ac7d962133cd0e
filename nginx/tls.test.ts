import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ensureCertificate } from './certificate.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'payloom-tls-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

const read = (file: string): X509Certificate => new X509Certificate(readFileSync(file));
const DAY_MS = 86_400_000;

test('a certificate is for its host, signed by the authority, and its keys are their owner’s', async () => {
  const { certificate, key, authority } = await ensureCertificate(folder, 'localhost');
  const [leaf, root] = [read(certificate), read(authority)];
  expect(leaf.checkHost('localhost')).toBe('localhost');
  expect([leaf.checkIP('127.0.0.1'), leaf.checkIP('::1')]).toEqual(['127.0.0.1', '::1']);
  expect(leaf.checkHost('localhost.example')).toBeUndefined();
  expect([leaf.verify(root.publicKey), leaf.ca, root.ca]).toEqual([true, false, true]);
  for (const file of [key, join(folder, 'ca.key')]) expect(statSync(file).mode & 0o777).toBe(0o600);
});

test.each([
  ['pay.example.com', (leaf: X509Certificate) => leaf.checkHost('pay.example.com')],
  ['10.0.0.7', (leaf: X509Certificate) => leaf.checkIP('10.0.0.7')],
  ['fd00::7', (leaf: X509Certificate) => leaf.checkIP('fd00::7')],
])('%s is a name that a certificate can have', async (host, check) => {
  expect(check(read((await ensureCertificate(folder, host)).certificate))).toBe(host);
});

test('what is valid for another month is kept, also when several ask at a time', async () => {
  const all = await Promise.all([1, 2, 3].map(() => ensureCertificate(folder, 'localhost')));
  const { certificate, authority } = all[0]!;
  const before = [certificate, authority].map((file) => readFileSync(file, 'utf8'));
  const { said } = await ensureCertificate(folder, 'localhost');
  expect(said).toContain('is valid until');
  expect([certificate, authority].map((file) => readFileSync(file, 'utf8'))).toEqual(before);
  expect(all.filter((one) => one.said.includes('made an authority'))).toHaveLength(1);
});

test('a certificate that ends within a month is renewed; the authority stays', async () => {
  const { certificate, key, authority } = await ensureCertificate(folder, 'localhost');
  const root = readFileSync(authority, 'utf8');
  const options = ['-CA', authority, '-CAkey', join(folder, 'ca.key'), '-set_serial', '1', '-days', '20'];
  const request = execFileSync('openssl', ['req', '-new', '-key', key, '-subj', '/CN=localhost']);
  writeFileSync(
    certificate,
    execFileSync('openssl', ['x509', '-req', ...options], { input: request, stdio: 'pipe' }),
  );
  await ensureCertificate(folder, 'localhost');
  expect(read(certificate).validToDate.getTime()).toBeGreaterThan(Date.now() + 80 * DAY_MS);
  expect(readFileSync(authority, 'utf8')).toBe(root);
});

test('a folder that cannot be written is refused in one sentence', async () => {
  await expect(ensureCertificate('/proc/none', 'localhost')).rejects.toThrow(
    'No certificate was made: The folder /proc/none cannot be written.',
  );
});
