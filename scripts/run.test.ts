import { spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { text } from 'node:stream/consumers';

const root = join(import.meta.dirname, '..');

it('every npm script is a command of run.mjs and every command an npm script', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>;
  };
  const names = Object.keys(scripts);
  expect(Object.values(scripts)).toEqual(names.map((name) => `node scripts/run.mjs ${name}`));
  const { status, stderr } = spawnSync(process.execPath, ['scripts/run.mjs'], {
    cwd: root,
    encoding: 'utf8',
  });
  expect(stderr).toBe(`payloom: the commands are ${names.join(', ')}.\n`);
  expect(status).toBe(2);
});

it('npm run dev says that it does not work in a folder with # in its path', () => {
  const folder = join(mkdtempSync(join(tmpdir(), 'payloom-')), 'a#b');
  mkdirSync(folder);
  for (const name of ['scripts', 'broker', 'shared', 'node_modules'])
    symlinkSync(join(root, name), join(folder, name));
  const args = ['--preserve-symlinks', '--preserve-symlinks-main', join(folder, 'scripts/dev.ts')];
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' });
  rmSync(dirname(folder), { recursive: true });
  expect(stderr).toContain('Vite serves no pages from a folder with # or ? in its path.');
  expect(status).toBe(1);
});

describe('a command in the foreground', () => {
  const FOREGROUND = `
    const { runInForeground } = await import('./scripts/foreground.mjs');
    runInForeground(process.execPath, ['-e', process.argv[1]], { cwd: process.cwd() });`;
  /** Counts signals for half a second after the first one, then exits with 40 more than their number. */
  const COUNTING = `
    let count = 0;
    process.on('SIGINT', () => { if (count++ === 0) setTimeout(() => process.exit(40 + count), 500); });
    setInterval(() => {}, 1000);
    console.log('ready');`;

  const run = (script: string, whenReady: (pid: number) => void) => {
    const args = ['--input-type=module', '-e', FOREGROUND, script];
    const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.once('data', () => whenReady(child.pid as number));
    return new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)));
  };

  it('receives once a Ctrl-C of the terminal that npm repeats, and its exit code is passed on', async () => {
    const exit = run(COUNTING, (pid) => {
      process.kill(pid, 'SIGINT');
      setTimeout(() => process.kill(pid, 'SIGINT'), 50);
    });
    expect(await exit).toBe(41);
  });

  it('under npm is stopped when npm has ended without passing on a signal', async () => {
    const npm = `
      const { spawn } = await import('node:child_process');
      spawn(process.execPath, ['--input-type=module', '-e', process.argv[1], process.argv[2]],
        { stdio: 'inherit', env: { ...process.env, npm_lifecycle_event: 'start' } });`;
    const stopped = `
      process.on('SIGTERM', () => { console.log('stopped'); process.exit(); });
      setInterval(() => {}, 1000);
      console.log('ready');`;
    const args = ['--input-type=module', '-e', npm, FOREGROUND, stopped];
    const parent = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'inherit'] });
    parent.stdout.once('data', () => parent.kill('SIGKILL'));
    expect(await text(parent.stdout)).toBe('ready\nstopped\n');
  });

  it('ends with the signal that ended it', async () => {
    const exit = run("console.log('ready'); setInterval(() => {}, 1000)", (pid) =>
      process.kill(pid, 'SIGTERM'),
    );
    expect(await exit).toBe('SIGTERM');
  });
});
