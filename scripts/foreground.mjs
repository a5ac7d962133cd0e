// Plain JavaScript for Node 20; imports only Node's own modules, because nothing may be installed yet.
import { spawn } from 'node:child_process';
import { delimiter, join } from 'node:path';

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT'];
/** Ctrl-C arrives here from the terminal and again from npm, which forwards its own. */
const SAME_SIGNAL_MS = 500;
const PARENT_POLL_MS = 500;

/**
 * Runs a program in place of this process, with its input, output, signals and exit code. The program has a
 * process group of its own, so that a terminal's Ctrl-C reaches it once, through this process: many programs
 * end without cleaning up at the second signal. A SIGTERM to npm alone ends npm and does not arrive here:
 * under npm the program is stopped when the parent of this process has ended.
 * @param env additional variables
 */
export const runInForeground = (file, args, { cwd, env = {} }) => {
  const path = [join(cwd, 'node_modules', '.bin'), process.env.PATH].filter(Boolean).join(delimiter);
  const child = spawn(file, args, {
    cwd,
    env: { ...process.env, ...env, PATH: path },
    stdio: 'inherit',
    detached: true,
  });
  let lastMs = -Infinity;
  const forward = (signal) => {
    const nowMs = performance.now();
    if (nowMs - lastMs > SAME_SIGNAL_MS) child.kill(signal);
    lastMs = nowMs;
  };
  for (const signal of SIGNALS) process.on(signal, forward);
  const parent = process.ppid;
  const watch = () => {
    if (process.ppid === parent) return;
    clearInterval(watching);
    child.kill('SIGTERM');
  };
  const watching = process.env.npm_lifecycle_event ? setInterval(watch, PARENT_POLL_MS) : undefined;
  child.once('error', (error) => {
    process.stderr.write(`payloom: ${file} cannot be run: ${error.message}\n`);
    process.exitCode = 1;
  });
  child.once('exit', (code, signal) => {
    clearInterval(watching);
    for (const forwarded of SIGNALS) process.removeListener(forwarded, forward);
    if (signal) process.kill(process.pid, signal);
    else process.exitCode = code;
  });
};
