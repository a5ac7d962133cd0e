import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, relative } from 'node:path';

export const root = dirname(dirname(import.meta.dirname));

/** Servers that are not ours: their addresses as they were given. */
export type GivenServers = { postgres?: string; redis?: string; rabbitmq?: string };

/** Variables by service that replace ours; `*` stands for all services. */
export type Overrides = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What a stack remembers between two starts. Holds secrets: its file is readable by its owner only. */
export type StackState = {
  name: string;
  base: number;
  brokers: 1 | 3;
  demo: boolean;
  given: GivenServers;
  secrets: Record<string, string>;
  /** By service, where it differs from the default. */
  replicas: Record<string, number>;
  /** By process, so that a process is always found in the same place. */
  metricsPorts: Record<string, number>;
  /** Addresses of the services' databases by variable, as the services themselves use them. */
  databases: Record<string, string>;
  overrides: Overrides;
};

const copies = join(root, '.payloom');
const PREFIX = 'stack-';

export const folderOf = (name: string): string => join(copies, `${PREFIX}${name}`);
export const logFileOf = (folder: string, unit: string): string => join(folder, 'logs', `${unit}.log`);
export const demoMarkerOf = (folder: string): string => join(folder, 'demo-data');

/** A socket's path holds 107 bytes at most, so it is named from where we stand. */
export const socketOf = (folder: string): string => relative(process.cwd(), join(folder, 'control.sock'));

const stateFileOf = (folder: string): string => join(folder, 'stack.json');

export const readState = (folder: string): StackState | null => {
  const file = stateFileOf(folder);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as StackState) : null;
};

/** Writes a file that its owner alone may read, wholly or not at all. */
export const writeWhole = (file: string, value: unknown): void => {
  writeFileSync(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
};

export const writeState = (folder: string, state: StackState): void => writeWhole(stateFileOf(folder), state);

/** Makes the folder of a stack; others may pass through it (PostgreSQL's user must), not look around. */
export const makeFolder = (folder: string): void => {
  try {
    mkdirSync(join(folder, 'logs'), { recursive: true });
    chmodSync(folder, 0o711);
    chmodSync(join(folder, 'logs'), 0o700);
  } catch (error) {
    throw new Error(`The folder ${folder} cannot be written (${(error as NodeJS.ErrnoException).code}).`, {
      cause: error,
    });
  }
};

/** All stacks that have a folder here. */
export const stacksHere = (): string[] =>
  (existsSync(copies) ? readdirSync(copies) : [])
    .filter((entry) => entry.startsWith(PREFIX))
    .map((entry) => entry.slice(PREFIX.length));

/** A secret of this stack, made when it is asked for the first time. */
export const secretOf = (state: StackState, name: string, prefix = ''): string =>
  (state.secrets[name] ??= prefix + randomBytes(24).toString('hex'));

/** A key of 32 bytes, as SERVICE_KEY_<SERVICE> wants it. */
export const keyOf = (state: StackState, service: string): string =>
  (state.secrets[`key of ${service}`] ??= randomBytes(32).toString('base64url'));
