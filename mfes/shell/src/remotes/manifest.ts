import { UnreachableError } from '../../../../shared/client/problem.ts';
import {
  readManifest,
  type Manifest,
  type RemoteFile,
  type RemoteFiles,
} from '../../../../shared/client/remote-files.ts';
import { ownManifest } from '../updates/own-manifest.ts';
import { modulesAt, type Build } from './builds.ts';
import type { Choice } from './choice.ts';

const TIMEOUT_MS = 5_000;
/** Addresses of a version beside its own; after the last one the first follows. */
const ADDRESSES = 9;
let known: Promise<Manifest> | undefined;

/** The manifest as deployed. `refetch` reads it again, in case of a new deployment. */
export const manifest = (refetch: boolean): Promise<Manifest> => {
  if (refetch) known = undefined;
  known ??= readManifest({ signal: AbortSignal.timeout(TIMEOUT_MS) }).then(ownManifest);
  const reading = known;
  reading.catch(() => {
    if (known === reading) known = undefined;
  });
  return reading;
};

/**
 * The files of a version.
 * @throws UnreachableError when its description does not arrive, or is another
 */
export const describe = async (choice: Choice): Promise<RemoteFiles> => {
  if ('entry' in choice) return choice;
  const { href, integrity } = choice;
  try {
    const response = await fetch(href, { ...(integrity && { integrity }) });
    if (!response.ok) throw new UnreachableError(`${href} answered ${response.status}`);
    return (await response.json()) as RemoteFiles;
  } catch (cause) {
    throw new UnreachableError(`${href} did not arrive`, { cause });
  }
};

/**
 * The files at other addresses for another attempt: the browser remembers a module that failed, with all that
 * imports it, under its address. Servers take what is behind `~` away.
 */
export const addressed = (build: Build, attempt: number): Build => {
  if (attempt === 0) return build;
  const place = `/${build.version}~${((attempt - 1) % ADDRESSES) + 1}/`;
  const moved = (href: string): string => href.replace(`/${build.version}/`, place);
  const all = (given: RemoteFile[]) => given.map(({ href, integrity }) => ({ href: moved(href), integrity }));
  return {
    ...build,
    entry: moved(build.entry),
    modules: all(build.modules),
    styles: all(build.styles),
    pages: build.pages.map(({ pattern, modules }) => ({ pattern, modules: all(modules) })),
  };
};

const stylesOf = (name: string): NodeListOf<HTMLLinkElement> =>
  document.querySelectorAll(`link[rel="stylesheet"][href^="/mfes/${name}/"]`);

/** Applies the stylesheets of one version of a remote only: two versions have classes of the same names. */
export const useStyles = (name: string, version: string): void => {
  for (const element of stylesOf(name))
    element.media = element.getAttribute('href')?.startsWith(`/mfes/${name}/${version}`) ? 'all' : 'not all';
};

const linked = new Map<string, Promise<void>>();

const added = ({ href, integrity }: RemoteFile, rel: string): Promise<void> => {
  const element = document.createElement('link');
  element.rel = rel;
  element.crossOrigin = 'anonymous';
  element.integrity = integrity;
  element.href = href;
  // One that comes beside a version that is shown waits until it is used.
  if (rel === 'stylesheet' && document.querySelector(`[data-mf="${href.split('/')[2]}"]`))
    element.media = 'not all';
  const loaded = new Promise<void>((resolve, reject) => {
    element.onload = () => resolve();
    element.onerror = () => {
      element.remove();
      reject(new UnreachableError(`${href} did not load`));
    };
  });
  document.head.append(element);
  return loaded;
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

/** Whether a file was asked for by a link. */
export const isLinked = (href: string): boolean => linked.has(href);

/** The modules that a page needs of a build. */
export const modulesFor = (build: Build, path: string): RemoteFile[] => [
  { href: build.entry, integrity: build.integrity },
  ...build.modules,
  ...modulesAt(build, path),
];

/**
 * Loads a remote's stylesheets, and its modules beside each other instead of one after the other; a file that
 * is missing or another than the manifest says ends it here. `alive` is called with each file.
 */
export const preload = async (build: Build, path: string, alive: () => void): Promise<void> => {
  const loads = build.styles.map((file) => link('stylesheet', file));
  if (document.createElement('link').relList.supports('modulepreload')) {
    loads.push(...modulesFor(build, path).map((file) => link('modulepreload', file)));
  }
  await Promise.all(loads.map((load) => load.then(alive)));
};
