import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const LINES = 200;
const FOLLOW_MS = 200;

const write = (name: string | null, lines: readonly string[]): void => {
  for (const line of lines) process.stdout.write(`${name === null ? '' : `${name}  `}${line}\n`);
};

const readFrom = (file: string, offset: number): Buffer => {
  const buffer = Buffer.alloc(Math.max(0, statSync(file).size - offset));
  const descriptor = openSync(file, 'r');
  readSync(descriptor, buffer, 0, buffer.length, offset);
  closeSync(descriptor);
  return buffer;
};

/** Prints what is added to a file, whole lines only; a file put aside begins anew. */
const follow = async (file: string, name: string | null): Promise<never> => {
  let offset = statSync(file).size;
  for (;;) {
    await wait(FOLLOW_MS);
    if (!existsSync(file)) continue;
    if (statSync(file).size < offset) offset = 0;
    const added = readFrom(file, offset);
    const end = added.lastIndexOf('\n');
    if (end < 0) continue;
    offset += end + 1;
    write(name, added.subarray(0, end).toString('utf8').split('\n'));
  }
};

/** Prints the last lines of a process, a server or all processes of a service, and what follows if asked. */
export const showLogs = async (folder: string, name: string | undefined, follows: boolean): Promise<void> => {
  const logs = join(folder, 'logs');
  const all = (existsSync(logs) ? readdirSync(logs) : [])
    .filter((file) => file.endsWith('.log'))
    .map((file) => basename(file, '.log'));
  if (all.length === 0) throw new Error('There are no logs yet; npm run stack starts the stack.');
  const found = all.filter((one) => one === name || one.replace(/-\d+$/, '') === name);
  if (found.length === 0) throw new Error(`Say whose: ${all.join(', ')}, or a service.`);
  const files = found.map((one) => ({ file: join(logs, `${one}.log`), name: found.length > 1 ? one : null }));
  for (const { file, name: shown } of files) {
    write(shown, readFileSync(file, 'utf8').trimEnd().split('\n').slice(-LINES));
  }
  if (follows) await Promise.all(files.map(({ file, name: shown }) => follow(file, shown)));
};
