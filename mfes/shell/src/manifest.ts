import { UnreachableError } from '../../../shared/client/problem.ts';
import { within } from './within.ts';

type File = { href: string; integrity: string };

/** One remote in `/mfes/manifest.json`: its entry, and all that its first page needs, to be asked for at once. */
export type RemoteFiles = {
  version: string;
  entry: string;
  integrity: string;
  modules: File[];
  styles: File[];
};
type Manifest = { remotes: Record<string, RemoteFiles> };

const TIMEOUT_MS = 10_000;
let known: Promise<Manifest> | undefined;

const read = async (): Promise<Manifest> => {
  const response = await fetch('/mfes/manifest.json', { signal: AbortSignal.timeout(TIMEOUT_MS) });
  if (!response.ok) throw new UnreachableError(`the list of remotes answered ${response.status}`);
  return (await response.json()) as Manifest;
};

/** The files of a remote as deployed now. `anew` asks again, in case it was deployed since. */
export const filesOf = async (name: string, anew: boolean): Promise<RemoteFiles> => {
  if (anew) known = undefined;
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

/** Adds a link to the head and waits for it; the browser refuses a file whose integrity is another. */
const link = (rel: string, { href, integrity }: File): Promise<void> => {
  const known = linked.get(href);
  if (known !== undefined) return known;
  const element = document.createElement('link');
  const loaded = new Promise<void>((resolve, reject) => {
    element.onload = () => resolve();
    element.onerror = () => {
      element.remove();
      linked.delete(href);
      reject(new UnreachableError(`${href} did not load`));
    };
  });
  element.rel = rel;
  element.crossOrigin = 'anonymous';
  element.integrity = integrity;
  element.href = href;
  document.head.append(element);
  linked.set(href, loaded);
  return loaded;
};

/** What a retry must not take from the HTTP cache: one of these was broken the last time. */
const refetch = async (files: File[]): Promise<void> => {
  const signal = AbortSignal.timeout(TIMEOUT_MS);
  const fetched = files.map(({ href, integrity }) => fetch(href, { cache: 'reload', integrity, signal }));
  await Promise.allSettled(fetched);
};

/** Loads a remote's stylesheets and asks for its modules beside them; a module that fails, fails its import. */
export const preload = async (files: RemoteFiles, isRetry: boolean): Promise<void> => {
  if (isRetry) await refetch([...files.modules, ...files.styles]);
  for (const file of [{ href: files.entry, integrity: files.integrity }, ...files.modules]) {
    link('modulepreload', file).catch(() => {});
  }
  const styles = Promise.all(files.styles.map((file) => link('stylesheet', file)));
  await within(TIMEOUT_MS, styles, 'the stylesheet');
};
