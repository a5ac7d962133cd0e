import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Plugin, Rollup } from 'vite';
import { MFES_DIR } from './remote-names.ts';
import { staticImports, type Modules } from './shell-chunks.ts';

/**
 * Files of a built remote: those of its entry, the entry first, and for each page, its own first, those that
 * the entry does not have.
 */
export type PageFiles = { mount: string[]; pages: { pattern: string; files: string[] }[] };

const FILE = '.vite/pages.json';
/** In the code of the function that loads a page. */
const IMPORT = /\bimport\(\s*(['"])(\.\/[^'"]+)\1/;

type PageTable = readonly { pattern: RegExp; load: () => unknown }[];
type Chunks = readonly Rollup.OutputChunk[];

const withImports = (first: Rollup.OutputChunk, chunks: Chunks): Set<string> => {
  const files = new Set([first.fileName]);
  for (const file of files) {
    const imports = chunks.find(({ fileName }) => fileName === file)?.imports ?? [];
    for (const imported of imports)
      if (chunks.some(({ fileName }) => fileName === imported)) files.add(imported);
  }
  return files;
};

const sourcesOf = (name: string): string => resolve(MFES_DIR, name, 'src');

/** The pages of a remote, as its table has them (`src/pages.ts`): each with the file that it loads. */
const readTable = async (name: string): Promise<{ pattern: string; source: string }[]> => {
  const file = resolve(sourcesOf(name), 'pages.ts');
  const { PAGES } = (await import(pathToFileURL(file).href)) as { PAGES: PageTable };
  return PAGES.map(({ pattern, load }) => {
    const source = IMPORT.exec(String(load))?.[2];
    if (source === undefined) throw new Error(`${file}: ${pattern} imports no page`);
    return { pattern: pattern.source, source: resolve(sourcesOf(name), source) };
  });
};

/**
 * A remote in few files: what its first page has in common with others is in the file of the entry. Left to
 * itself the bundler makes a file of whatever some pages share.
 */
export const remoteChunks = async (name: string) => {
  const table = await readTable(name);
  const entry = resolve(sourcesOf(name), 'mount.ts');
  const findCommon = (modules: Modules): Set<string> => {
    const [first, ...others] = table.map(({ source }) => staticImports(source, modules));
    const shared = [...(first ?? [])].filter((one) => others.some((other) => other.has(one)));
    return new Set([...staticImports(entry, modules), ...shared]);
  };
  let common: Set<string> | undefined;
  return (id: string, modules: Modules): string | undefined => {
    common ??= findCommon(modules);
    return common.has(id) ? 'mount' : undefined;
  };
};

const pageFilesOf = async (name: string, chunks: Chunks): Promise<PageFiles> => {
  const filesOf = (source: string): Set<string> => {
    const found = chunks.find(({ moduleIds }) => moduleIds.includes(source));
    if (!found) throw new Error(`${source} is not in the build`);
    return withImports(found, chunks);
  };
  const mount = filesOf(resolve(sourcesOf(name), 'mount.ts'));
  const pages = (await readTable(name)).map(({ pattern, source }) => ({
    pattern,
    files: [...filesOf(source)].filter((file) => !mount.has(file)),
  }));
  return { mount: [...mount], pages };
};

/** Notes which files each page of the remote's table (`src/pages.ts`) needs, for the manifest. */
export const pageFiles = (name: string): Plugin => ({
  name: 'payloom:page-files',
  async generateBundle(_options, bundle) {
    const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
    const source = JSON.stringify(await pageFilesOf(name, chunks));
    this.emitFile({ type: 'asset', fileName: FILE, source });
  },
});

export const readPageFiles = async (dir: string): Promise<PageFiles> =>
  JSON.parse(await readFile(resolve(dir, FILE), 'utf8')) as PageFiles;
