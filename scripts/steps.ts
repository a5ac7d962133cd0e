import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';

export const root = dirname(import.meta.dirname);

export type Step = {
  name: string;
  /** Arguments of Node. */
  args: readonly string[];
  env?: Readonly<Record<string, string>>;
  timeoutMs: number;
  /** Shown while it runs; otherwise its output is shown only when it fails. */
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

/** What is read of the code without running it. */
export const readingSteps: readonly Step[] = [
  { name: 'types', args: [bin('typescript/bin/tsc'), '-p', '.'], timeoutMs: 120_000 },
  {
    name: 'components',
    args: [bin('svelte-check/bin/svelte-check'), '--workspace', 'mfes', '--tsconfig', '../tsconfig.json'],
    timeoutMs: 120_000,
  },
  {
    name: 'lint',
    args: [bin('eslint/bin/eslint.js'), '.', '--cache', '--cache-location', 'node_modules/.cache/eslint/'],
    timeoutMs: 120_000,
  },
  { name: 'format', args: [bin('prettier/bin/prettier.cjs'), '--check', '--cache', '.'], timeoutMs: 120_000 },
];

const running = new Set<number>();

const kill = (pid: number, signal: NodeJS.Signals): void => {
  try {
    process.kill(-pid, signal);
  } catch {
    // It has ended by itself.
  }
};

// Steps run in process groups of their own, so that a step that hangs ends with all its children.
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    for (const pid of running) kill(pid, 'SIGTERM');
    process.exitCode = 130;
  });
}

export const seconds = (durationMs: number): string => `${(durationMs / 1000).toFixed(1)} s`;

/** Runs one step to its end and prints one line about it; the whole output if it fails. */
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
      output += `\nnot done after ${seconds(step.timeoutMs)}; ended\n`;
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

/** Runs steps, so many at a time, and answers their outcomes. */
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
