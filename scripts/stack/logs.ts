import { closeSync, existsSync, openSync, readdirSync, readFileSync, readSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const LINES = 200;
const POLL_MS = 200;

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

/** Prints the whole lines that are added to a file, for ever; a rotated file is read from its start. */
const printAdded = async (file: string, name: string | null): Promise<never> => {
  let offset = statSync(file).size;
  for (;;) {
    await sleep(POLL_MS);
    if (!existsSync(file)) continue;
    if (statSync(file).size < offset) offset = 0;
    const added = readFrom(file, offset);
    const end = added.lastIndexOf('\n');
    if (end < 0) continue;
    offset += end + 1;
    write(name, added.subarray(0, end).toString('utf8').split('\n'));
  }
};

/** Prints the last lines of a process, a server or a service's processes; with `follow` also later ones. */
export const showLogs = async (folder: string, name: string | undefined, follow: boolean): Promise<void> => {
  const logs = join(folder, 'logs');
  const all = (existsSync(logs) ? readdirSync(logs) : [])
    .filter((file) => file.endsWith('.log'))
    .map((file) => basename(file, '.log'));
  if (all.length === 0) throw new Error('There are no logs yet; npm run stack starts the stack.');
  const found = all.filter((one) => one === name || one.replace(/-\d+$/, '') === name);
  if (found.length === 0) throw new Error(`Name a process, a server or a service: ${all.join(', ')}.`);
  const files = found.map((one) => ({ file: join(logs, `${one}.log`), name: found.length > 1 ? one : null }));
  for (const { file, name: shown } of files) {
    write(shown, readFileSync(file, 'utf8').trimEnd().split('\n').slice(-LINES));
  }
  if (follow) await Promise.all(files.map(({ file, name: shown }) => printAdded(file, shown)));
};
