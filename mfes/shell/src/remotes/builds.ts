import type { Mount } from '../../../../shared/client/host.ts';
import type { RemoteFile, RemoteFiles, RemotePage } from '../../../../shared/client/remote-files.ts';

/** Set by the build, see mfes/config.ts. */
declare const PAYLOOM_SVELTE: string;

/** The files of a version that this page loads. */
export type Build = Pick<RemoteFiles, 'version' | 'entry' | 'integrity' | 'modules' | 'styles'> & {
  isNative: boolean;
  pages: RemotePage[];
};

const hasImportMap = HTMLScriptElement.supports?.('importmap') ?? false;

/**
 * The build of a version for this page: the one that shares the page's Svelte by its import map, or, in an
 * older browser or beside another Svelte, the one that the federation plugin has made.
 */
export const buildOf = ({ version, styles, native, entry, integrity, modules }: RemoteFiles): Build =>
  native?.svelte === PAYLOOM_SVELTE && hasImportMap
    ? { ...native, version, styles, isNative: true }
    : { version, styles, entry, integrity, modules, pages: [], isNative: false };

/** The modules of the page at a path, its own first; none where it is not known. */
export const modulesAt = ({ pages }: Build, path: string): RemoteFile[] => {
  const [pathname = ''] = path.split(/[?#]/);
  return pages.find(({ pattern }) => new RegExp(pattern).test(pathname))?.modules ?? [];
};

type Exposed = { mount?: Mount };
/** What the federation plugin's entry exports. */
type Container = { init(shared: object): void; get(name: string): Promise<() => Exposed> };

const importExposed = async ({ entry, isNative }: Build): Promise<Exposed> => {
  const module: unknown = await import(/* @vite-ignore */ entry);
  if (isNative) return module as Exposed;
  const container = module as Container;
  container.init({});
  return (await container.get('./mount'))();
};

/**
 * Imports a build with the page at a path, so that the page is there when it is mounted.
 * @throws Error when one of them throws or has nothing to mount
 */
export const importMount = async (name: string, build: Build, path: string): Promise<Mount> => {
  const [{ mount }] = await Promise.all([
    importExposed(build),
    ...modulesAt(build, path)
      .slice(0, 1)
      .map(({ href }): Promise<unknown> => import(/* @vite-ignore */ href)),
  ]);
  if (typeof mount !== 'function') throw new Error(`remote ${name} has no mount()`);
  return mount;
};
