import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';

export const root = dirname(import.meta.dirname);

export type Step = {
  name: string;
  /** Arguments of Node. */
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
  timeoutMs: number;
  /** Prints its output while it runs; otherwise the output is printed only when it fails. */
  loud?: boolean;
};

export type Outcome = { name: string; ok: boolean; durationMs: number };

const bin = (path: string): string => join(root, 'node_modules', path);

/** Arguments of Node that run Jest; `--experimental-vm-modules` is how Jest loads ES modules. */
export const jest = (...args: string[]): string[] => [
  '--disable-warning=ExperimentalWarning',
  '--experimental-vm-modules',
  bin('jest/bin/jest.js'),
  ...args,
];

const CACHE = 'node_modules/.cache';

/** Checks of the code that do not run it, the longest first. */
export const checkSteps: readonly Step[] = [
  {
    name: 'components',
    args: [bin('svelte-check/bin/svelte-check'), '--workspace', 'mfes', '--tsconfig', './tsconfig.json'],
    timeoutMs: 120_000,
  },
  {
    name: 'types',
    // TypeScript 7, in a quarter of the time; svelte-check and typescript-eslint need the API of version 5.
    args: [
      bin('@typescript/native/bin/tsc'),
      '-p',
      '.',
      '--incremental',
      '--tsBuildInfoFile',
      `${CACHE}/types.json`,
    ],
    timeoutMs: 120_000,
  },
  {
    name: 'lint',
    args: [bin('eslint/bin/eslint.js'), '.', '--cache', '--cache-location', `${CACHE}/eslint/`],
    timeoutMs: 120_000,
  },
  { name: 'documents', args: [join(root, 'scripts/contracts/contracts.ts'), 'check'], timeoutMs: 120_000 },
  { name: 'contracts', args: [join(root, 'scripts/contracts/contracts.ts'), 'diff'], timeoutMs: 60_000 },
  { name: 'format', args: [bin('prettier/bin/prettier.cjs'), '--check', '--cache', '.'], timeoutMs: 120_000 },
  { name: 'unused', args: [bin('knip/bin/knip.js'), '--no-progress'], timeoutMs: 60_000 },
  {
    name: 'unused files',
    // Those that only tests import.
    args: [bin('knip/bin/knip.js'), '--no-progress', '--production', '--include', 'files'],
    timeoutMs: 60_000,
  },
];

const running = new Set<number>();

const kill = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended by itself.
  }
};

// A step has a process group of its own, so that it can be killed with all its children.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    for (const pid of running) kill(pid, 'SIGTERM');
    process.exitCode = 130;
  });
}

export const seconds = (durationMs: number): string => `${(durationMs / 1000).toFixed(1)} s`;

/** Runs one step and prints one line about it, and its whole output if it fails. */
export const runStep = (step: Step): Promise<Outcome> =>
  new Promise((resolve) => {
    const startedMs = performance.now();
    const child = spawn(process.execPath, step.args, {
      cwd: root,
      env: { ...process.env, FORCE_COLOR: '0', ...step.env },
      stdio: ['ignore', 'pipe', 'pipe'],
      detached: true,
    });
    const pid = child.pid ?? 0;
    running.add(pid);
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        if (step.loud) process.stdout.write(text);
        else output += text;
      });
    }
    const timer = setTimeout(() => {
      output += `\nstopped after its time limit of ${seconds(step.timeoutMs)}\n`;
      kill(pid, 'SIGTERM');
      setTimeout(() => kill(pid, 'SIGKILL'), 5_000).unref();
    }, step.timeoutMs);
    child.once('error', (error) => (output += error.message));
    child.once('close', (code) => {
      clearTimeout(timer);
      running.delete(pid);
      const durationMs = performance.now() - startedMs;
      const ok = code === 0;
      console.log(`${ok ? 'ok    ' : 'FAILED'}  ${step.name.padEnd(12)} ${seconds(durationMs).padStart(8)}`);
      if (!ok && output !== '') console.log(output.trim().replaceAll(/^/gm, '        '));
      resolve({ name: step.name, ok, durationMs });
    });
  });

/** Runs steps in parallel, `atOnce` at a time and in the given order. */
export const runSteps = async (steps: readonly Step[], atOnce = 2): Promise<Outcome[]> => {
  const waiting = [...steps];
  const outcomes: Outcome[] = [];
  const work = async () => {
    for (let step = waiting.shift(); step !== undefined; step = waiting.shift()) {
      outcomes.push(await runStep(step));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return outcomes;
};
