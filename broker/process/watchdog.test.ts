import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';

const LIMIT_MS = 400;
const watchdog = join(import.meta.dirname, 'watchdog.ts');

/** A process with a watchdog that goes on with this code. */
const run = (code: string): ChildProcess & { errors: () => string } => {
  const source = `
    const { startWatchdog } = await import(${JSON.stringify(watchdog)});
    startWatchdog(${LIMIT_MS}, { warn: (fields, text) => console.error(text) });
    setTimeout(() => { console.log('on'); ${code} }, 300);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let errors = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => (errors += text));
  return Object.assign(child, { errors: () => errors });
};
const endOf = async (child: ChildProcess) => (await once(child, 'exit')) as [number | null, string | null];

test.each([
  ['stopped', 'setInterval(() => {}, 1_000); process.kill(process.pid, "SIGSTOP")'],
  ['busy', 'for (;;);'],
])('a process that is %s is killed, and why is in its log', async (_state, code) => {
  const child = run(code);
  expect(await endOf(child)).toEqual([null, 'SIGKILL']);
  expect(JSON.parse(child.errors())).toMatchObject({ level: 60, name: 'watchdog' });
});

test('a process that works is left alone, and its end is not held up', async () => {
  const child = run(`const end = Date.now() + ${LIMIT_MS / 4}; while (Date.now() < end);
    setTimeout(() => {}, ${3 * LIMIT_MS})`);
  expect(await endOf(child)).toEqual([0, null]);
  expect(child.errors()).toBe('');
});

test('a process that was stopped together with its watchdog goes on', async () => {
  const child = run(`setTimeout(() => {}, ${4 * LIMIT_MS})`);
  await once(child.stdout!, 'data');
  const both = (signal: NodeJS.Signals) => {
    const children = readFileSync(`/proc/${child.pid}/task/${child.pid}/children`, 'utf8').trim().split(' ');
    for (const pid of [child.pid as number, ...children.map(Number)]) process.kill(pid, signal);
  };
  both('SIGSTOP');
  await sleep(2 * LIMIT_MS);
  both('SIGCONT');
  expect(await endOf(child)).toEqual([0, null]);
});
