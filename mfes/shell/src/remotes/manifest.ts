import { UnreachableError } from '../../../../shared/client/problem.ts';
import {
  readManifest,
  type Manifest,
  type RemoteFile,
  type RemoteFiles,
} from '../../../../shared/client/remote-files.ts';
import { ownManifest } from '../updates/own-manifest.ts';
import { within } from './time-limit.ts';

const TIMEOUT_MS = 10_000;
let known: Promise<Manifest> | undefined;
let last: Manifest | undefined;

const read = async (): Promise<Manifest> => {
  last = await ownManifest(await readManifest({ signal: AbortSignal.timeout(TIMEOUT_MS) }));
  return last;
};

/** The version of a remote as last read; undefined for the shell, and before that. */
export const versionOf = (name: string): string | undefined => last?.remotes[name]?.version;

/** The files of a remote as deployed. `refetch` reads the manifest again, in case of a new deployment. */
export const filesOf = async (name: string, refetch: boolean): Promise<RemoteFiles> => {
  if (refetch) known = undefined;
  known ??= read();
  const manifest = await known.catch((error: unknown) => {
    known = undefined;
    throw error;
  });
  const files = manifest.remotes[name];
  if (files === undefined) throw new Error(`there is no remote ${name}`);
  return files;
};

const linked = new Map<string, Promise<void>>();

const added = ({ href, integrity }: RemoteFile, rel: string): Promise<void> => {
  const element = document.createElement('link');
  element.rel = rel;
  element.crossOrigin = 'anonymous';
  element.integrity = integrity;
  element.href = href;
  const loaded = new Promise<void>((resolve, reject) => {
    element.onload = () => resolve();
    element.onerror = () => reject(new UnreachableError(`${href} did not load`));
  });
  document.head.append(element);
  return within(TIMEOUT_MS, loaded, href).catch((error: unknown) => {
    element.remove();
    throw error;
  });
};

/** Adds a link to the head and waits for it; the browser refuses a file whose integrity is another. */
const link = (rel: string, file: RemoteFile): Promise<void> => {
  const known = linked.get(file.href);
  if (known !== undefined) return known;
  const loaded = added(file, rel);
  linked.set(file.href, loaded);
  loaded.catch(() => linked.delete(file.href));
  return loaded;
};

/** What a retry must not take from the HTTP cache: one of these was broken the last time. */
const refetch = async (files: RemoteFile[]): Promise<void> => {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const fetched = files.map(({ href, integrity }) => fetch(href, { cache: 'reload', integrity, signal }));
  await Promise.allSettled(fetched);
};

/**
 * Loads a remote's stylesheets, and its modules beside each other instead of one after the other; a file that
 * is missing or another than the manifest says ends it here.
 */
export const preload = async (files: RemoteFiles, isRetry: boolean): Promise<void> => {
  if (isRetry) await refetch([...files.modules, ...files.styles]);
  const modules = [{ href: files.entry, integrity: files.integrity }, ...files.modules];
  const loads = files.styles.map((file) => link('stylesheet', file));
  if (document.createElement('link').relList.supports('modulepreload')) {
    loads.push(...modules.map((file) => link('modulepreload', file)));
  }
  await Promise.all(loads);
};
