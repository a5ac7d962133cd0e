import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

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

  it('ends with the signal that ended it', async () => {
    const exit = run("console.log('ready'); setInterval(() => {}, 1000)", (pid) =>
      process.kill(pid, 'SIGTERM'),
    );
    expect(await exit).toBe('SIGTERM');
  });
});
