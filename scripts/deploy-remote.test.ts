import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { placeVersion } from '../tests/system/place-version.ts';
import { startGateway, type TestGateway } from '../services/gateway/testing/start-gateway.ts';
import type { Manifest } from '../shared/client/remote-files.ts';

const FIRST = '1'.repeat(12);
const SECOND = '2'.repeat(12);

let folder: string;
let gateway: TestGateway;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'payloom-deploy-'));
  writeFileSync(join(folder, 'index.html'), '<!doctype html><title>Shell</title>');
  for (const version of [FIRST, SECOND]) placeVersion(folder, 'payments', version);
  gateway = await startGateway({ env: { GATEWAY_WEB_FOLDER: folder } });
});
afterAll(async () => {
  await gateway.services.stop();
  rmSync(folder, { recursive: true });
});

const deployRemote = (...args: string[]) => {
  const script = join(import.meta.dirname, 'deploy-remote.ts');
  const env = { ...process.env, NODE_OPTIONS: '' };
  const { status, stdout, stderr } = spawnSync(process.execPath, [script, ...args, '--to', folder], {
    encoding: 'utf8',
    env,
  });
  return { status, said: `${stdout}${stderr}`.trim() };
};
const served = async () => {
  const reply = await gateway.ask('GET /mfes/manifest.json');
  const { payments } = (JSON.parse(reply.text) as Manifest).remotes;
  return [payments?.version, payments?.previous?.version, payments?.canary?.percent];
};
const statusOf = async (version: string) =>
  (await gateway.ask(`GET /mfes/payments/${version}/remoteEntry.js`)).status;

test('a running gateway serves each deployment at once, and the files of the version before', async () => {
  expect(deployRemote('payments', '--version', FIRST)).toEqual({
    status: 0,
    said: `payments ${FIRST} is deployed.`,
  });
  expect(await served()).toEqual([FIRST, undefined, undefined]);
  expect(deployRemote('payments', '--version', SECOND, '--canary', '10').status).toBe(0);
  expect(await served()).toEqual([FIRST, undefined, 10]);
  expect(deployRemote('promote', 'payments').status).toBe(0);
  expect(await served()).toEqual([SECOND, FIRST, undefined]);
  expect(deployRemote('rollback', 'payments').said).toContain(`${FIRST} is deployed again`);
  expect(await served()).toEqual([FIRST, undefined, undefined]);
  expect([await statusOf(FIRST), await statusOf(SECOND)]).toEqual([200, 200]);
  expect(deployRemote('list').said).toContain(`${SECOND}`);
});

test.each([
  [['nothing'], 'there is no micro-frontend nothing; there are admin, auth, payments, profile'],
  [['payments', '--version', '3'.repeat(12)], 'there is no version 333333333333 of payments'],
  [['rollback'], 'which micro-frontend?'],
])('%j is refused', (args, sentence) => {
  const { status, said } = deployRemote(...args);
  expect([status, said]).toEqual([1, expect.stringContaining(sentence)]);
});
