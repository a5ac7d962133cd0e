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

/** Addresses of servers that the stack uses but does not run. */
type GivenServers = { postgres?: string; redis?: string; rabbitmq?: string };

/** Variables by service that replace the stack's own; `*` stands for all services. */
export type Overrides = Readonly<Record<string, Readonly<Record<string, string>>>>;

/** What a stack stores between two starts, in stack.json. Holds secrets: only its owner may read the file. */
export type StackState = {
  name: string;
  base: number;
  brokers: 1 | 3;
  demo: boolean;
  /** Prometheus runs beside the stack. */
  observe?: boolean;
  /** No process runs, and the databases are empty: for a restore. */
  serversOnly?: boolean;
  given: GivenServers;
  secrets: Record<string, string>;
  /** By service, where it differs from the default. */
  replicas: Record<string, number>;
  /** By process, so that a process keeps its port. */
  metricsPorts: Record<string, number>;
  /** Addresses of the services' databases by variable, as the services themselves use them. */
  databases: Record<string, string>;
  overrides: Overrides;
};

const instances = join(root, '.payloom');
const PREFIX = 'stack-';
/** The local authority and certificates of all stacks. */
export const tlsFolder = join(instances, 'tls');

export const folderOf = (name: string): string => join(instances, `${PREFIX}${name}`);
export const logFileOf = (folder: string, unit: string): string => join(folder, 'logs', `${unit}.log`);
export const demoMarkerOf = (folder: string): string => join(folder, 'demo-data');

/** Relative to the working directory, because a socket's path has at most 107 bytes. */
export const socketOf = (folder: string): string => relative(process.cwd(), join(folder, 'control.sock'));

const stateFileOf = (folder: string): string => join(folder, 'stack.json');

export const readState = (folder: string): StackState | null => {
  const file = stateFileOf(folder);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as StackState) : null;
};

/** Replaces a file that only its owner may read, in one step. */
export const writeWhole = (file: string, value: unknown): void => {
  writeFileSync(`${file}.new`, `${JSON.stringify(value, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${file}.new`, file);
};

export const writeState = (folder: string, state: StackState): void => writeWhole(stateFileOf(folder), state);

/** Makes the folder of a stack. Other users may pass through it, as PostgreSQL's must, but not list it. */
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

/** The names of all stacks of this project folder. */
export const listStacks = (): string[] =>
  (existsSync(instances) ? readdirSync(instances) : [])
    .filter((entry) => entry.startsWith(PREFIX))
    .map((entry) => entry.slice(PREFIX.length));

type Secrets = Pick<StackState, 'secrets'>;

/** A secret of this stack, made at its first use. */
export const secretOf = (state: Secrets, name: string, prefix = ''): string =>
  (state.secrets[name] ??= prefix + randomBytes(24).toString('hex'));

/** A key of 32 bytes for SERVICE_KEY_<SERVICE>. */
export const keyOf = (state: Secrets, service: string): string =>
  (state.secrets[`key of ${service}`] ??= randomBytes(32).toString('base64url'));
