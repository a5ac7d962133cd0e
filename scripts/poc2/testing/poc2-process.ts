import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { processEnv } from '../../../broker/process/config.ts';
import type { TargetSystem } from './copying.ts';

const ENTRY = fileURLToPath(new URL('../poc2.ts', import.meta.url));

/** `npm run poc2` as a process. */
export const startPoc2 = ({ env }: TargetSystem, sourceUrl: string, args: readonly string[]) => {
  const child = spawn(process.execPath, [ENTRY, ...args], {
    env: { ...processEnv(), ...env, POC2_DATABASE_URL: sourceUrl, NODE_OPTIONS: '' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const texts = { output: '', problem: '' };
  child.stdout.on('data', (text: Buffer) => (texts.output += text.toString()));
  child.stderr.on('data', (text: Buffer) => (texts.problem += text.toString()));
  const exited = once(child, 'close').then(([code, signal]) => ({ code, signal, ...texts }) as const);
  return { kill: (signal: NodeJS.Signals = 'SIGKILL') => child.kill(signal), exited, texts };
};
