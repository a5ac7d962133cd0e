import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer as createHttpServer } from 'node:http';
import type { AddressInfo, Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createServer as createTlsServer } from 'node:tls';
import { promisify } from 'node:util';
import { findServices } from '../../broker/process/find-services.ts';
import { ensureCertificate, type Certificate } from '../../nginx/certificate.ts';
import { checkCertificates, checkServed } from './certificates.ts';
import { clockFinding, type Finding } from './finding.ts';
import { checkDisk, checkPorts, checkPrograms, checkTools } from './machine.ts';
import { checkProcess } from './processes.ts';
import { checkFileModes, checkSettings } from './secrets.ts';

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'payloom-doctor-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const wrongs = (findings: readonly Finding[]) => findings.filter(({ ok }) => !ok).map(({ text }) => text);

const listening = async (server: Server): Promise<number> => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', () => resolve()));
  return (server.address() as AddressInfo).port;
};

it('names tools and programs that are too old or missing', () => {
  expect(wrongs(checkTools({ npm_config_user_agent: 'npm/11.2.0 node/v24.0.0' }))).toEqual([]);
  expect(wrongs(checkTools({ npm_config_user_agent: 'npm/9.1.0 node/v20.0.0' }, '20.2.0'))).toEqual([
    'Node.js 20.2.0 is too old.',
    'npm 9.1.0 is too old.',
  ]);
  const [found] = checkPrograms((name) => (name === 'redis-server' ? null : '/usr/bin/it')).filter(
    ({ ok }) => !ok,
  );
  expect(found).toMatchObject({
    text: 'redis-server is not installed; npm run stack needs it.',
    remedy: 'apt-get install redis-server',
  });
});

it('warns of a disk that is nearly full', async () => {
  expect(wrongs(await checkDisk(join(folder, 'not/made/yet'), 1))).toEqual([]);
  expect(wrongs(await checkDisk(folder, Number.MAX_SAFE_INTEGER))).toEqual([
    expect.stringMatching(/GB are free/),
  ]);
});

it('names the ports that are taken', async () => {
  const server = createHttpServer();
  const port = await listening(server);
  expect(wrongs(await checkPorts([port], ''))).toEqual([`In use by another program: ${port}.`]);
  await new Promise((resolve) => server.close(resolve));
  expect(wrongs(await checkPorts([port], ''))).toEqual([]);
});

it('names secrets that others can read, and settings that are missing', async () => {
  const file = join(folder, 'secrets.json');
  writeFileSync(file, '{}', { mode: 0o600 });
  expect(wrongs(checkFileModes([file, join(folder, 'none')]))).toEqual([]);
  chmodSync(file, 0o644);
  expect(checkFileModes([file])).toMatchObject([
    { ok: false, text: `Others can read ${file} (mode 644).`, remedy: `chmod 600 ${file}` },
  ]);
  const auth = await findServices({ SERVICES: 'auth' });
  expect(wrongs(checkSettings(auth, {}))).toContain('AUTH_KEY_SEAL must be set.');
  expect(wrongs(checkSettings(auth, { AUTH_KEY_SEAL: 'x'.repeat(32) }))).toEqual([]);
});

describe('certificates', () => {
  let made: Certificate;
  beforeAll(async () => {
    made = await ensureCertificate(join(folder, 'tls'), 'localhost');
  });

  it('in a folder: those that end soon, have ended, or have another key', () => {
    const tls = join(folder, 'tls');
    const inDays = (days: number) => wrongs(checkCertificates(tls, Date.now() + days * 86_400_000));
    expect(inDays(0)).toEqual([]);
    expect(inDays(80)).toEqual([expect.stringMatching(/localhost.crt expires in \d days/)]);
    expect(inDays(91)).toEqual([expect.stringMatching(/localhost.crt has expired/)]);
    const other = join(folder, 'other');
    rmSync(other, { recursive: true, force: true });
    writeFileSync(join(folder, 'localhost.crt'), readFileSync(made.certificate));
    writeFileSync(join(folder, 'localhost.key'), readFileSync(join(tls, 'ca.key')));
    expect(wrongs(checkCertificates(folder))).toEqual([expect.stringMatching(/does not belong to its key/)]);
  });

  it('that an address shows: of another name, or ending soon', async () => {
    const server = createTlsServer({ cert: readFileSync(made.certificate), key: readFileSync(made.key) });
    const port = await listening(server);
    expect(wrongs(await checkServed(`https://localhost:${port}`))).toEqual([]);
    const late = Date.now() + 85 * 86_400_000;
    expect(wrongs(await checkServed(`https://localhost:${port}`, late))).toEqual([
      expect.stringMatching(/shows expires in/),
    ]);
    expect(wrongs(await checkServed(`https://127.0.0.2:${port}`))).toEqual([
      expect.stringMatching(/could not be checked|another name/),
    ]);
    server.close();
    expect(wrongs(await checkServed('http://localhost:1'))).toEqual([]);
  });
});

it('reports a process that is not ready, has a wrong clock, or does not answer', async () => {
  let status = 200;
  let aheadMs = 0;
  const server = createHttpServer((_request, response) => {
    const date = new Date(Date.now() + aheadMs).toUTCString();
    response.writeHead(status, { date });
    response.end(JSON.stringify({ checks: { rabbitmq: status === 200 ? true : 'no answer in 1000 ms' } }));
  });
  const url = `http://127.0.0.1:${await listening(server)}`;
  expect(wrongs(await checkProcess('auth-1', url))).toEqual([]);
  [status, aheadMs] = [503, 600_000];
  expect(wrongs(await checkProcess('auth-1', url))).toEqual([
    'It is not ready: rabbitmq: no answer in 1000 ms.',
    expect.stringMatching(/^Its clock is (599|600|601)\.\d s ahead of that of this machine/),
  ]);
  server.close();
  server.closeAllConnections();
  expect(wrongs(await checkProcess('auth-1', 'http://127.0.0.1:1'))).toEqual([
    expect.stringMatching(/could not be checked/),
  ]);
  expect(clockFinding('x', -90_000, 1_000).text).toBe('Its clock is 90.0 s behind that of this machine.');
});

const doctor = async (
  args: string[],
  env: Record<string, string>,
): Promise<{ code: number; out: string }> => {
  const all = { PATH: process.env['PATH'] ?? '', DATA_FOLDER: folder, ...env };
  return promisify(execFile)(process.execPath, ['scripts/doctor/doctor.ts', ...args], { env: all }).then(
    ({ stdout }) => ({ code: 0, out: stdout }),
    (error: Error & { code: number; stdout: string; stderr: string }) => ({
      code: error.code,
      out: error.stdout + error.stderr,
    }),
  );
};

it('the command ends with 1 when something is wrong, with 2 for wrong arguments', async () => {
  const server = createHttpServer((_request, response) => void response.writeHead(404).end());
  const port = await listening(server);
  const [taken, nonsense] = await Promise.all([
    doctor([], { PORT: String(port) }),
    doctor(['--nonsense'], {}),
  ]);
  server.close();
  expect(taken.out).toMatch(/WRONG {2}ports: In use by another program: \d+/);
  expect(taken.out).toMatch(/What to do: Stop that program/);
  expect(taken.code).toBe(1);
  expect(nonsense.code).toBe(2);
}, 60_000);
