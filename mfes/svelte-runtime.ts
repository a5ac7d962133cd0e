import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, relative, resolve, sep } from 'node:path';
import type { Plugin } from 'vite';

const require = createRequire(import.meta.url);
const FILE = 'mfes/svelte-runtime.ts';
const svelteRoot = dirname(require.resolve('svelte/package.json'));
const { version } = require('svelte/package.json') as { version: string };

/** Files of Svelte behind each sub-path that our code or its libraries import. */
const SOURCES: Record<string, string> = {
  svelte: 'src/index-client.js',
  'svelte/internal/client': 'src/internal/client/index.js',
  'svelte/attachments': 'src/attachments/index.js',
  'svelte/easing': 'src/easing/index.js',
  'svelte/events': 'src/events/index.js',
  'svelte/motion': 'src/motion/index.js',
  'svelte/reactivity': 'src/reactivity/index-client.js',
  'svelte/reactivity/window': 'src/reactivity/window/index.js',
  'svelte/store': 'src/store/index-client.js',
  'svelte/transition': 'src/transition/index.js',
};

/** Every page needs these, so the shell's page asks for them before any script runs. */
const PRELOADED = ['svelte', 'svelte/internal/client', 'svelte/reactivity'];

/**
 * One Svelte runtime for the shell and all remotes of its version. Each sub-path is shared under its own name
 * and with its own version, since sub-paths have no package.json from which the plugin could read one.
 */
export const sharedSvelte = () =>
  Object.fromEntries(
    Object.keys(SOURCES).map((name) => [
      name,
      { version, requiredVersion: version, modulePreload: PRELOADED.includes(name) },
    ]),
  );

/** The shell keeps the runtime in one file: split by sub-path it would be a dozen round trips. */
export const runtimeChunk = (id: string): string | undefined => {
  if (/node_modules\/(esm-env|clsx)\//.test(id)) return 'svelte-rt';
  return /node_modules\/svelte\/src\/(internal\/|index-client|constants|utils|escaping|version)/.test(id)
    ? 'svelte-rt'
    : undefined;
};

const BARE = /(\bfrom\s*|\bimport\s*)(['"])(svelte(?:\/[\w/-]+)?)\2/g;
const CLIENT = resolve(svelteRoot, 'src/internal/client/index.js');

/** What only development, legacy components, custom elements and media bindings use of the runtime. */
const UNUSED_SOURCES = new RegExp(
  String.raw`^export \{[^}]*\} from '\./(?:dev/|dom/legacy/|legacy\.js|validate\.js|` +
    String.raw`dom/elements/(?:custom-element|bindings/media)\.js)[^']*';$`,
  'gm',
);

const namesIn = (exports: string): string[] =>
  [...exports.matchAll(/(?:\w+ as )?([\w$]+)(?=\s*[,}])/g)].map(([, name]) => name ?? '');

const unusedNames = new Set(
  [...readFileSync(CLIENT, 'utf8').matchAll(UNUSED_SOURCES)].flatMap(([statement]) => namesIn(statement)),
);

/**
 * Svelte's sources import themselves by bare name in places. The federation plugin would turn that into
 * the shared module waiting for itself (a blank page without an error), so they become relative first.
 */
const withRelativeImports = (code: string, file: string): string =>
  code.replaceAll(BARE, (whole, keyword: string, quote: string, name: string) => {
    const source = SOURCES[name];
    if (source === undefined) return whole;
    const path = relative(dirname(file), resolve(svelteRoot, source)).split(sep).join('/');
    return `${keyword}${quote}${path.startsWith('.') ? path : `./${path}`}${quote}`;
  });

/** Prepares Svelte's own sources for sharing: relative imports, and without what runes mode never calls. */
export const shareableSvelte = (): Plugin => ({
  name: 'payloom:shareable-svelte',
  enforce: 'pre',
  transform(code, id) {
    const file = id.split('?')[0] ?? id;
    if (!file.startsWith(resolve(svelteRoot, 'src') + sep)) return null;
    const kept = file === CLIENT ? code.replaceAll(UNUSED_SOURCES, '') : code;
    const rewritten = withRelativeImports(kept, file);
    return rewritten === code ? null : { code: rewritten, map: null };
  },
});

/** Refuses a component that calls what shareableSvelte() left out; in the browser it would be undefined. */
export const refuseUnshared = (): Plugin => ({
  name: 'payloom:refuse-unshared',
  transform(code, id) {
    if (!code.includes('svelte/internal/client')) return null;
    for (const [, name = ''] of code.matchAll(/\$\.([\w$]+)\(/g)) {
      if (unusedNames.has(name)) this.error(`${id} needs ${name}() of Svelte, which is not shared (${FILE})`);
    }
    return null;
  },
});

/**
 * A component needs the runtime of the version that compiled it, so versions are compared for equality; the
 * federation plugin's parser of version ranges would be 2 KB in each micro-frontend.
 */
export const sameVersion = (): Plugin => ({
  name: 'payloom:same-version',
  enforce: 'pre',
  resolveId: (id) => (id === '__federation_fn_satisfy' ? '\0payloom:same-version' : null),
  load: (id) =>
    id === '\0payloom:same-version'
      ? 'export const satisfy = (version, required) => version === required;'
      : null,
});
