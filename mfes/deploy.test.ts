import { mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { brotliDecompressSync } from 'node:zlib';
import type { Manifest, Remote } from '../shared/client/remote-files.ts';
import { changeRemote, listRemotes, type Change } from './deploy.ts';
import { placeVersion } from '../tests/system/place-version.ts';
import { manifestOf, versionsOf, writeManifest } from './web-folder.ts';

const A = 'a'.repeat(12);
const B = 'b'.repeat(12);
const C = 'c'.repeat(12);
const DAY_MS = 86_400_000;

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'payloom-deploy-'));
});
afterEach(() => rmSync(root, { recursive: true }));

const fileOf = (name: string, version: string, file: string) => join(root, 'mfes', name, version, file);

const place = (name: string, version: string, contract?: number): void =>
  placeVersion(root, name, version, contract);
const change = (name: string, given: Change) => changeRemote(root, name, given);
const deploy = (version: string, percent: number | null = null, name = 'payments') =>
  change(name, { kind: 'deploy', version, percent, from: root });
const rollback = () => change('payments', { kind: 'rollback' });
const payments = async (): Promise<Remote> => {
  const { remotes } = await manifestOf(root);
  if (!remotes['payments']) throw new Error('payments is not deployed');
  return remotes['payments'];
};
const timeOf = async (file: string): Promise<number> => (await stat(file)).mtimeMs;
const shown = async () => {
  const { version, previous, canary } = await payments();
  return [version, previous?.version, canary && `${canary.version} ${canary.percent}`];
};

describe('deployments of one remote', () => {
  beforeEach(async () => {
    for (const version of [A, B, C]) place('payments', version);
    place('auth', A);
    await deploy(A, null, 'auth');
    await deploy(A);
  });

  test('a deployment is for everybody and keeps the version before; others stay as they are', async () => {
    const { auth } = (await manifestOf(root)).remotes;
    expect(await deploy(B)).toBe(`payments ${B} is deployed.`);
    expect(await shown()).toEqual([B, A, undefined]);
    expect((await payments()).previous?.href).toBe(`/mfes/payments/${A}/remote.json`);
    expect((await payments()).native?.entry).toBe(`/mfes/payments/${B}/remoteEntry.js`);
    expect((await manifestOf(root)).remotes['auth']).toEqual(auth);
    expect(await deploy(B)).toBe(`payments ${B} is deployed already.`);
    expect(await shown()).toEqual([B, A, undefined]);
  });

  test('a rollback takes the last one back, and only that', async () => {
    await deploy(B);
    expect(await rollback()).toBe(`payments: ${B} is taken back, ${A} is deployed again.`);
    expect(await shown()).toEqual([A, undefined, undefined]);
    expect((await payments()).native?.entry).toBe(`/mfes/payments/${A}/remoteEntry.js`);
    await expect(rollback()).rejects.toThrow('there is no version before this one');
  });

  test('a canary is for a share until it is promoted or taken back', async () => {
    await deploy(B, 10);
    expect(await shown()).toEqual([A, undefined, `${B} 10`]);
    await deploy(B, 50);
    await rollback();
    expect(await shown()).toEqual([A, undefined, undefined]);
    await deploy(C, 25);
    await change('payments', { kind: 'promote' });
    expect(await shown()).toEqual([C, A, undefined]);
    await expect(change('payments', { kind: 'promote' })).rejects.toThrow('no canary');
  });

  test('a deployment for everybody ends the canary of another version', async () => {
    await deploy(B, 10);
    await deploy(C);
    expect(await shown()).toEqual([C, A, undefined]);
  });

  test.each([0, 100, 2.5, NaN])('a canary of %d %% is refused', async (percent) => {
    await expect(deploy(B, percent)).rejects.toThrow('from 1 to 99');
    expect(await shown()).toEqual([A, undefined, undefined]);
  });

  test('a version whose files are missing or altered is refused, also by a rollback', async () => {
    writeFileSync(fileOf('payments', B, 'Page.js'), 'altered');
    await expect(deploy(B)).rejects.toThrow(/Page\.js in .* is not what was built/);
    rmSync(fileOf('payments', C, 'style.css'));
    await expect(deploy(C, 5)).rejects.toThrow(/style\.css in .* is missing/);
    await expect(deploy('d'.repeat(12))).rejects.toThrow('there is no version dddddddddddd of payments');
    place('payments', B);
    await deploy(B);
    rmSync(fileOf('payments', A, 'Page.js'));
    await expect(rollback()).rejects.toThrow('is missing');
    expect((await shown())[0]).toBe(B);
  });

  test('a version that the deployed shell cannot mount is refused in both directions', async () => {
    await writeManifest(root, { ...(await manifestOf(root)), shell: { from: 2, to: 3 } });
    place('payments', B, 4);
    place('payments', C, 1);
    await expect(deploy(B)).rejects.toThrow('needs a newer shell (contract 4, deployed is 2 to 3)');
    await expect(deploy(C)).rejects.toThrow('too old for the deployed shell (contract 1, it accepts 2 to 3)');
    expect(await shown()).toEqual([A, undefined, undefined]);
  });

  test('files of a replaced version stay for a day, those that the manifest names longer', async () => {
    const old = new Date(Date.now() - 2 * DAY_MS);
    const age = (version: string) => utimesSync(fileOf('payments', version, ''), old, old);
    const kept = async () => (await versionsOf(root, 'payments')).map(({ version }) => version).sort();
    [A, B, C].forEach(age);
    await deploy(B);
    expect(await kept()).toEqual([A, B]);
    place('payments', C);
    await deploy(C);
    expect(await kept()).toEqual([A, B, C]);
    expect(await shown()).toEqual([C, B, undefined]);
    age(A);
    await deploy(B);
    expect(await kept()).toEqual([B, C]);
  });

  test('deployments at the same time lose nothing', async () => {
    place('auth', B);
    place('profile', C);
    await Promise.all([deploy(B), deploy(B, 20, 'auth'), deploy(C, null, 'profile')]);
    const { remotes } = await manifestOf(root);
    expect([remotes['payments']?.version, remotes['auth']?.canary?.version]).toEqual([B, B]);
    expect(Object.keys(remotes)).toEqual(['auth', 'payments', 'profile']);
  });

  test('each change gives the manifest another second, and the same content compressed', async () => {
    const file = join(root, 'mfes/manifest.json');
    const times = new Set<number>();
    for (const version of [B, C, A]) {
      await deploy(version);
      const text = readFileSync(file, 'utf8');
      expect(brotliDecompressSync(readFileSync(`${file}.br`)).toString()).toBe(text);
      expect((JSON.parse(text) as Manifest).remotes['payments']?.version).toBe(version);
      times.add(Math.floor((await timeOf(file)) / 1_000));
    }
    expect(times.size).toBe(3);
  });

  test('the list names each version and what it is', async () => {
    await deploy(B);
    await deploy(C, 30);
    const lines = (await listRemotes(root)).split('\n').filter((line) => /  [abc]{12}/.test(line));
    const ends = lines.map((line) => line.replace(/\d{4}-\d\d-\d\d \d\d:\d\d/, 'time').trim());
    expect(ends).toEqual([
      `${A}  time  current`,
      `${B}  time  current, for the others`,
      `${A}  time  the one before`,
      `${C}  time  canary, 30 % of the users`,
    ]);
  });
});
