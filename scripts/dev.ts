// The backend, which restarts when one of its files changes, and the front ends, which reload by themselves.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { DEFAULT_PORT, PORT_OFFSETS } from '../broker/process/ports.ts';
import { root } from './steps.ts';

const port = Number(process.env.PORT || DEFAULT_PORT);
const vitePort = port + PORT_OFFSETS.vite;
const frontEnds = join(root, 'mfes/dev.ts');

const run = (args: string[], env: Record<string, string> = {}): ChildProcess =>
  spawn(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    // Ctrl-C in a terminal goes to us only: `node --watch` passes it on, and a second one would end at once.
    detached: true,
    env: { ...process.env, PORT: String(port), ...env },
  });

const children = [
  run(['--watch', '--watch-preserve-output', 'broker/process/start.ts', ...process.argv.slice(2)]),
  ...(existsSync(frontEnds) ? [run([frontEnds], { VITE_PORT: String(vitePort) })] : []),
];
if (children.length > 1) console.log(`Front ends that reload by themselves: http://localhost:${vitePort}`);

// We stay until the children have ended, so that the prompt comes last.
let ending = false;
const end = () => {
  if (ending) return;
  ending = true;
  for (const child of children) child.kill('SIGTERM');
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
for (const child of children) child.once('exit', end);
