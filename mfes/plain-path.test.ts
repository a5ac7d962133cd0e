import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const project = join(import.meta.dirname, '..');
const parent = mkdtempSync(join(tmpdir(), 'payloom-plain-path-'));
afterAll(() => rmSync(parent, { recursive: true }));

it("the pages build in a folder with a #, a ? and a ' in its path", () => {
  const folder = join(parent, "pay #1 ?loom's");
  const isNeeded = (path: string) => !/mfes\/(admin|payments|profile)/.test(path.slice(project.length));
  const files = ['scripts/build-mfes.ts', 'package.json', 'package-lock.json', 'tsconfig.json'];
  for (const part of ['mfes', 'shared', 'broker/process/program-version.ts', ...files])
    cpSync(join(project, part), join(folder, part), { recursive: true, filter: isNeeded });
  symlinkSync(join(project, 'node_modules'), join(folder, 'node_modules'));
  // Jest's `test` would be another mode of Svelte.
  const env = { ...process.env, NODE_ENV: 'production' };
  const built = spawnSync(process.execPath, ['scripts/build-mfes.ts'], {
    cwd: folder,
    env,
    encoding: 'utf8',
  });
  expect(built.stderr).toBe('');
  expect(existsSync(join(folder, 'dist/web/index.html'))).toBe(true);
  const placed = readdirSync(join(folder, 'dist/web/mfes/auth'), { recursive: true, encoding: 'utf8' });
  expect(placed).toContainEqual(expect.stringMatching(/^[0-9a-f]{12}\/federated\/remoteEntry\.js$/));
}, 120_000);
