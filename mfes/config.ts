import { readFile } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import federation from '@originjs/vite-plugin-federation';
import { svelte, vitePreprocess } from '@sveltejs/vite-plugin-svelte';
import tailwindcss from '@tailwindcss/vite';
import type { BuildOptions, InlineConfig, Plugin, PluginOption, Rollup } from 'vite';
import { programVersion } from '../broker/process/program-version.ts';
import { contractLines } from './contract-lines.ts';
import { contractTrimming } from './contract-trimming.ts';
import { firstPaint } from './first-paint.ts';
import { iconTrimming } from './icon-trimming.ts';
import { importMap } from './import-map.ts';
import { FEDERATED } from './manifest.ts';
import { pageFiles, remoteChunks } from './page-files.ts';
import { MFES_DIR, PROJECT_DIR, SHELL } from './remote-names.ts';
import { shellChunks } from './shell-chunks.ts';
import { fromShell, RUNTIME_MODULE, sharedSvelte, SVELTE } from './svelte-runtime.ts';

/** The plugin's types say CommonJS, its module is not: the default export is the function itself. */
const federate = federation as unknown as typeof federation.default;

const MOUNT_MODULE = './mount';

const sveltePlugins = (): PluginOption[] => [
  svelte({
    configFile: false,
    preprocess: vitePreprocess(),
    compilerOptions: { runes: true, discloseVersion: false },
  }),
  tailwindcss(),
];

/** What all micro-frontends have in common, built or served. */
export const commonConfig = (name: string): InlineConfig => ({
  configFile: false,
  envFile: false,
  resolve: { preserveSymlinks: process.execArgv.includes('--preserve-symlinks') },
  root: resolve(MFES_DIR, name),
  cacheDir: resolve(PROJECT_DIR, 'node_modules/.vite', name),
  logLevel: 'warn',
  define: {
    PAYLOOM_RELEASE: JSON.stringify(`payloom@${programVersion()}`),
    PAYLOOM_SVELTE: JSON.stringify(SVELTE),
  },
  plugins: [sveltePlugins(), name === SHELL ? firstPaint(resolve(MFES_DIR, SHELL)) : []],
});

const output = {
  chunkFileNames: 'assets/[name]-[hash].js',
  entryFileNames: 'assets/[name]-[hash].js',
  assetFileNames: 'assets/[name]-[hash][extname]',
  onlyExplicitManualChunks: true,
};

/**
 * Remotes load their parts as they are: the shell preloads what a page needs, and there is one stylesheet.
 * Vite would bring code that does both.
 */
const plainImports = (): Plugin => ({
  name: 'payloom:plain-imports',
  enforce: 'pre',
  load: (id) => (id === '\0vite/preload-helper.js' ? 'export const __vitePreload = (load) => load();' : null),
});

/** What all builds have in common. */
const commonBuild = (outDir: string): BuildOptions => ({
  outDir,
  emptyOutDir: true,
  target: 'esnext',
  // Nothing in a script names its map: they are uploaded, never served.
  sourcemap: 'hidden',
  manifest: true,
  reportCompressedSize: false,
  assetsInlineLimit: 0,
});

const shellBuild = (outDir: string): BuildOptions => ({
  ...commonBuild(outDir),
  modulePreload: { polyfill: false },
  rollupOptions: {
    input: { index: resolve(MFES_DIR, SHELL, 'index.html'), svelte: RUNTIME_MODULE },
    // The file with Svelte has its names for remotes, and what other files of the shell need of it.
    preserveEntrySignatures: 'allow-extension',
    output: { ...output, manualChunks: shellChunks(resolve(MFES_DIR, SHELL)) },
  },
});

const remoteBuild = async (name: string, outDir: string): Promise<BuildOptions> => ({
  ...commonBuild(outDir),
  assetsDir: '',
  // The shell preloads what a page needs, by the manifest.
  modulePreload: false,
  cssCodeSplit: false,
  rollupOptions: {
    input: { mount: resolve(MFES_DIR, name, 'src/mount.ts') },
    preserveEntrySignatures: 'allow-extension',
    output: { ...output, manualChunks: await remoteChunks(name) },
  },
});

/** The build of one micro-frontend into a folder. */
export const buildConfig = async (name: string, outDir: string): Promise<InlineConfig> => {
  const isShell = name === SHELL;
  const common = commonConfig(name);
  const sources = [`mfes/${name}/src`, 'shared/client', 'shared/ui'].map((dir) => resolve(PROJECT_DIR, dir));
  const { rollupOptions, ...build } = isShell ? shellBuild(outDir) : await remoteBuild(name, outDir);
  return {
    ...common,
    // A remote's files name each other relatively: its folder is named after what is in them.
    base: isShell ? '/' : './',
    plugins: [
      isShell ? sharedSvelte() : [fromShell(), plainImports(), pageFiles(name)],
      contractLines(sources),
      iconTrimming(sources),
      common.plugins,
      contractTrimming(sources),
      isShell ? importMap() : [],
    ],
    build: {
      ...build,
      rollupOptions: {
        ...rollupOptions,
        // Notes in zod's sources for other bundlers.
        onwarn: (warning, warn) => {
          if (warning.code !== 'INVALID_ANNOTATION') warn(warning);
        },
        treeshake: {
          manualPureFunctions: ['z', 'idSchema', 'wholeNumber'],
          moduleSideEffects: (id) => !/\/shared\/contracts\/|\/node_modules\/zod\//.test(id),
        },
      },
    },
  };
};

/** Reads scripts of a built folder with their source maps. */
const builtScripts = (dir: string): Plugin => ({
  name: 'payloom:built-scripts',
  async load(id) {
    if (!id.startsWith(dir + sep) || !id.endsWith('.js')) return null;
    const [code, map] = await Promise.all([readFile(id, 'utf8'), readFile(`${id}.map`, 'utf8')]);
    return { code, map: JSON.parse(map) as Rollup.ExistingRawSourceMap };
  },
});

/**
 * The same remote for browsers without import maps, and for shells with another Svelte: made of the scripts
 * of the first build, and with a Svelte of its own. A process may do this once, because the federation
 * plugin keeps its state in its module.
 */
export const federatedConfig = (name: string, outDir: string, entry: string): InlineConfig => ({
  configFile: false,
  envFile: false,
  resolve: { preserveSymlinks: process.execArgv.includes('--preserve-symlinks') },
  root: resolve(MFES_DIR, name),
  base: './',
  publicDir: false,
  logLevel: 'warn',
  plugins: [
    builtScripts(outDir),
    plainImports(),
    federate({
      name,
      filename: 'remoteEntry.js',
      // The shell loads the stylesheets from the manifest and waits for them before it mounts.
      exposes: { [MOUNT_MODULE]: { import: entry, dontAppendStylesToHead: true } },
    }),
  ],
  build: {
    ...commonBuild(resolve(outDir, FEDERATED)),
    assetsDir: '',
    modulePreload: false,
    // A remote has no page of its own: the plugin adds its entry and what it exposes.
    rollupOptions: { input: [], output },
  },
});
