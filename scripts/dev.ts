// Runs the backend, which restarts when a file changes, and the micro-frontends, which reload themselves.
import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { processEnv } from '../broker/process/config.ts';
import { portOf } from '../broker/process/data-folder.ts';
import { startFailure } from '../broker/process/start-failure.ts';
import { PORT_OFFSETS } from '../broker/process/ports.ts';
import { root } from './steps.ts';

const readPort = (): number => {
  try {
    return portOf(processEnv());
  } catch (error) {
    console.error(startFailure(error, processEnv));
    return process.exit(1);
  }
};
const port = readPort();
if (/[#?]/.test(root)) {
  console.error(
    'Vite serves no pages from a folder with # or ? in its path. Move the checkout, or use npm start: ' +
      root,
  );
  process.exit(1);
}
const vitePort = port + PORT_OFFSETS.vite;
const mfeServer = join(root, 'mfes/dev.ts');

const run = (args: string[], env: Record<string, string> = {}): ChildProcess =>
  spawn(process.execPath, args, {
    cwd: root,
    stdio: 'inherit',
    // Each child gets a signal once, from here. `node --watch` forwards it, and a second one ends at once.
    detached: true,
    env: { ...process.env, PORT: String(port), ...env },
  });

const children = [
  run(['--watch', '--watch-preserve-output', 'broker/process/start.ts', ...process.argv.slice(2)]),
  ...(existsSync(mfeServer) ? [run([mfeServer], { VITE_PORT: String(vitePort) })] : []),
];
if (children.length > 1) console.log(`Pages with automatic reload: http://localhost:${vitePort}`);

// This process ends after its children, so that the prompt comes last.
let ending = false;
const end = () => {
  if (ending) return;
  ending = true;
  for (const child of children) child.kill('SIGTERM');
};
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, end);
for (const child of children) child.once('exit', end);
