/**
 * Builds the same pages as one plain Svelte application, without federation: shell and remotes are modules
 * of one build, each remote a chunk that its first page loads. `node tests/bench/spa/build.ts <out dir>`
 */
import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { build, type Plugin } from 'vite';
import { compressBeside } from '../../../mfes/compress.ts';
import { commonConfig } from '../../../mfes/config.ts';
import { MFES_DIR, PROJECT_DIR, SHELL } from '../../../mfes/remote-names.ts';
import { contractLines } from '../../../mfes/contract-lines.ts';

const shellSources = resolve(MFES_DIR, SHELL, 'src');
const sharedClient = resolve(PROJECT_DIR, 'shared/client');
const LINES = '?lines';

const localRemotes = (): Plugin => ({
  name: 'bench:local-remotes',
  enforce: 'pre',
  resolveId(source, importer) {
    const isOurs = source.endsWith('/remotes.ts') && importer?.startsWith(shellSources);
    return isOurs ? resolve(shellSources, 'remotes.dev.ts') : null;
  },
  transformIndexHtml: (html) => html.replace(/\s*<link rel="preload"[^>]*manifest[^>]*>/, ''),
});

/**
 * Contracts without schemas in the shell and its client, as in the federated build; whole contracts in
 * remotes.
 */
const shellLines = (): Plugin => ({
  name: 'bench:shell-lines',
  enforce: 'pre',
  async resolveId(source, importer) {
    const isShell = importer?.startsWith(shellSources) || importer?.startsWith(sharedClient);
    if (!isShell || !source.includes('/contracts/')) return null;
    const found = await this.resolve(source, importer, { skipSelf: true });
    return found ? found.id + LINES : null;
  },
  async load(id) {
    if (!id.endsWith(LINES)) return null;
    const { load } = contractLines();
    const file = id.slice(0, -LINES.length);
    const lines = typeof load === 'function' ? await load.call(this as never, file) : null;
    return lines ?? `export * from ${JSON.stringify(file)};`;
  },
});

const outDir = resolve(process.argv[2] ?? 'dist/bench-spa');
const common = commonConfig(SHELL);
await build({
  ...common,
  logLevel: 'error',
  plugins: [localRemotes(), shellLines(), common.plugins],
  build: {
    outDir,
    emptyOutDir: true,
    target: 'esnext',
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    assetsInlineLimit: 0,
    rollupOptions: { treeshake: { manualPureFunctions: ['z', 'idSchema', 'wholeNumber'] } },
  },
});
const entries = await readdir(outDir, { withFileTypes: true, recursive: true });
const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
await compressBeside(files);
