import { closeSync, openSync, writeSync } from 'node:fs';
import { UsageError } from '../events/system.ts';

export const LIST_HELP = `  --list FILE              writes a line for each irregular row or difference:
                           outcome, kind, table, id, and no value. The file must not exist`;

/** A file of lines. */
export type List = { add(line: string): void; close(): void };

const BLOCK = 65_536;

/** @throws UsageError when the file exists or cannot be written */
export const openList = (path: string | undefined): List => {
  if (path === undefined) return { add: () => undefined, close: () => undefined };
  let file: number;
  try {
    file = openSync(path, 'wx', 0o600);
  } catch (error) {
    throw new UsageError(`--list ${path} cannot be written: ${(error as Error).message}.`, { cause: error });
  }
  let text = '';
  const write = () => {
    writeSync(file, text);
    text = '';
  };
  return {
    add: (line) => {
      text += `${line}\n`;
      if (text.length > BLOCK) write();
    },
    close: () => {
      write();
      closeSync(file);
    },
  };
};

/** The line of an irregularity. */
export const irregularLine = (one: { outcome: string; kind: string; table: string; id: string }): string =>
  [one.outcome, one.kind, one.table, one.id].join('\t');
