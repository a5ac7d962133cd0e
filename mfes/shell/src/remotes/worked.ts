import type { RemoteFiles } from '../../../../shared/client/remote-files.ts';
import { recall, remember } from '../session/storage.ts';

const KEY = 'payloom-remotes';
/** The one that is shown, and the one before, in case that what is shown fails later. */
const KEPT = 2;

type Worked = Record<string, RemoteFiles[]>;

const read = (): Worked => {
  try {
    const value: unknown = JSON.parse(recall(KEY) ?? '{}');
    return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Worked) : {};
  } catch {
    return {};
  }
};

const isFiles = (value: Partial<RemoteFiles> | null): value is RemoteFiles =>
  typeof value?.version === 'string' &&
  typeof value.entry === 'string' &&
  Array.isArray(value.modules) &&
  Array.isArray(value.styles);

/** The versions of a remote that worked in this browser, the last one first. */
export const workedOf = (name: string): RemoteFiles[] => {
  const kept: unknown = read()[name];
  return Array.isArray(kept) ? kept.filter(isFiles) : [];
};

/** Remembers a version that has drawn its page. */
export const rememberWorked = (
  name: string,
  { version, contract = 1, entry, integrity, modules, styles, native }: RemoteFiles,
): void => {
  const before = workedOf(name);
  if (before[0]?.version === version) return;
  const now = { version, contract, entry, integrity, modules, styles, ...(native && { native }) };
  const kept = [now, ...before.filter((one) => one.version !== version)].slice(0, KEPT);
  remember(KEY, JSON.stringify({ ...read(), [name]: kept }));
};
