import { createHash } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { build } from 'vite';
import { injectManifest, type ManifestEntry } from 'workbox-build';
import { MFES_DIR, SHELL } from './remote-names.ts';

const PAGE = 'index.html';
const FILES = 'assets/**/*.{js,css,woff2}';
/** Loaded where defects are reported, which takes a network. */
const WITHOUT = ['assets/sentry-*'];

const BUILD = /<html [^>]*data-build="([0-9a-f]{12})"/;

/** The name of the build that made a page. */
export const buildOfPage = (html: string): string | undefined => BUILD.exec(html)?.[1];

/** Writes the name of the build into the page: a hash of the page, which names all its scripts by hash. */
const nameBuild = async (dir: string): Promise<string> => {
  const file = resolve(dir, PAGE);
  const html = await readFile(file, 'utf8');
  const name = createHash('sha256').update(html).digest('hex').slice(0, 12);
  await writeFile(file, html.replace('<html ', `<html data-build="${name}" `));
  return name;
};

/** One script of a worker, as one file without imports. */
const bundle = (name: string, dir: string): Promise<unknown> =>
  build({
    configFile: false,
    envFile: false,
    logLevel: 'warn',
    publicDir: false,
    define: { 'process.env.NODE_ENV': '"production"' },
    build: {
      outDir: dir,
      emptyOutDir: false,
      target: 'esnext',
      reportCompressedSize: false,
      lib: {
        entry: resolve(MFES_DIR, SHELL, `src/worker/${name}.ts`),
        formats: ['iife'],
        name: 'worker',
        fileName: () => `${name}.js`,
      },
    },
  });

const integrityOf = async (file: string): Promise<string> =>
  `sha384-${createHash('sha384')
    .update(await readFile(file))
    .digest('base64')}`;

/**
 * Writes the service worker of a built shell, `sw.js`, and the one that ends all workers, `sw-off.js`. The
 * worker gets the page and the shell's files with their hashes, so that it installs a whole build or nothing.
 */
export const buildWorker = async (dir: string): Promise<void> => {
  const name = await nameBuild(dir);
  await bundle('worker', dir);
  await bundle('off', dir);
  const entryOf = async ({ url }: { url: string }): Promise<ManifestEntry> => {
    const integrity = await integrityOf(resolve(dir, url));
    return url === PAGE
      ? { url: '/', revision: name, integrity }
      : { url: `/${url}`, revision: null, integrity };
  };
  const swSrc = resolve(dir, 'worker.js');
  await injectManifest({
    swSrc,
    swDest: resolve(dir, 'sw.js'),
    globDirectory: dir,
    globPatterns: [PAGE, FILES],
    globIgnores: WITHOUT,
    manifestTransforms: [
      async (entries) => ({
        manifest: (await Promise.all(entries.map(entryOf))).map((entry) => ({ ...entry, size: 0 })),
      }),
    ],
  });
  await rm(swSrc);
  await rename(resolve(dir, 'off.js'), resolve(dir, 'sw-off.js'));
};
