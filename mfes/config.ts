import { resolve } from 'node:path';
import federation from '@originjs/vite-plugin-federation';
import { svelte, vitePreprocess } from '@sveltejs/vite-plugin-svelte';
import tailwindcss from '@tailwindcss/vite';
import type { InlineConfig, PluginOption } from 'vite';
import { programVersion } from '../broker/process/program-version.ts';
import { contractLines } from './contract-lines.ts';
import { contractTrimming } from './contract-trimming.ts';
import { firstPaint } from './first-paint.ts';
import { MFES_DIR, PROJECT_DIR, SHELL } from './remote-names.ts';
import { shellChunks } from './shell-chunks.ts';
import { refuseUnshared, sameVersion, shareableSvelte, sharedSvelte } from './svelte-runtime.ts';

/** The plugin's types say CommonJS, its module is not: the default export is the function itself. */
const federate = federation as unknown as typeof federation.default;

export const MOUNT_MODULE = './mount';

const sveltePlugins = (): PluginOption[] => [
  svelte({ configFile: false, preprocess: vitePreprocess(), compilerOptions: { runes: true } }),
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
  define: { PAYLOOM_RELEASE: JSON.stringify(`payloom@${programVersion()}`) },
  plugins: [sveltePlugins(), name === SHELL ? firstPaint(resolve(MFES_DIR, SHELL)) : []],
});

const output = {
  chunkFileNames: 'assets/[name]-[hash].js',
  entryFileNames: 'assets/[name]-[hash].js',
  assetFileNames: 'assets/[name]-[hash][extname]',
};

/**
 * The build of one micro-frontend into a folder. The federation plugin keeps its state in its module,
 * so a process may build one micro-frontend only.
 */
export const buildConfig = (name: string, outDir: string): InlineConfig => {
  const isShell = name === SHELL;
  const common = commonConfig(name);
  const sources = [`mfes/${name}/src`, 'shared/client', 'shared/ui'].map((dir) => resolve(PROJECT_DIR, dir));
  return {
    ...common,
    // A remote's files name each other relatively: its folder is named after what is in them.
    base: isShell ? '/' : './',
    plugins: [
      shareableSvelte(),
      sameVersion(),
      contractLines(sources),
      common.plugins,
      contractTrimming(sources),
      refuseUnshared(),
      federate({
        name,
        filename: 'remoteEntry.js',
        // Remotes come from the manifest; without any name here the plugin gives the shell no runtime.
        ...(isShell
          ? { remotes: { none: 'none' } }
          : {
              exposes: {
                [MOUNT_MODULE]: {
                  import: resolve(MFES_DIR, name, 'src/mount.ts'),
                  // The shell loads the stylesheets from the manifest and waits for them before it mounts.
                  dontAppendStylesToHead: true,
                },
              },
            }),
        shared: sharedSvelte(),
      }),
    ],
    build: {
      outDir,
      emptyOutDir: true,
      assetsDir: isShell ? 'assets' : '',
      target: 'esnext',
      // Nothing in a script names its map: they are uploaded, never served.
      sourcemap: 'hidden',
      manifest: true,
      modulePreload: { polyfill: false },
      reportCompressedSize: false,
      assetsInlineLimit: 0,
      cssCodeSplit: isShell,
      rollupOptions: {
        // Notes in zod's sources for other bundlers.
        onwarn: (warning, warn) => {
          if (warning.code !== 'INVALID_ANNOTATION') warn(warning);
        },
        // A remote has no page of its own: the plugin adds its entry and what it exposes.
        input: isShell ? resolve(MFES_DIR, name, 'index.html') : [],
        output: isShell ? { ...output, manualChunks: shellChunks(resolve(MFES_DIR, name)) } : output,
        treeshake: {
          manualPureFunctions: ['z', 'idSchema', 'wholeNumber'],
          moduleSideEffects: (id) => !/\/shared\/contracts\/|\/node_modules\/zod\//.test(id),
        },
      },
    },
  };
};
