import { createHash } from 'node:crypto';
import { createRequire } from 'node:module';
import { dirname, resolve, sep } from 'node:path';
import type { Plugin } from 'vite';

const require = createRequire(import.meta.url);
const svelteFolder = resolve(dirname(require.resolve('svelte/package.json')), 'src') + sep;
const { version } = require('svelte/package.json') as { version: string };

/**
 * What of Svelte the shell offers to remotes, as one module: browsers resolve these names by the import map
 * of the page (import-map.ts). All of Svelte would be 10 KB more (brotli) for every first visit; the build
 * of a remote that needs more says so.
 */
const NAMES = {
  svelte:
    'flushSync getAllContexts getContext hasContext mount onDestroy onMount setContext tick unmount untrack',
  'svelte/attachments': 'createAttachmentKey',
  'svelte/events': 'on',
  'svelte/internal/client':
    'append attach attachment attribute_effect await bind_checked bind_group bind_select_value ' +
    'bind_this bind_value boundary child clsx comment component customizable_select ' +
    'deferred_template_effect delegate delegated derived derived_safe_equal document each effect_root ' +
    'event exclude_from_object fallback first_child flush from_html from_svg get head if index key ' +
    'next noop only_child pop prop props_id proxy push remove_input_defaults remove_textarea_child ' +
    'replay_events reset rest_props set set_attribute set_checked set_class set_style set_text ' +
    'set_value sibling snapshot snippet spread_props state template_effect text to_array update ' +
    'user_effect user_pre_effect window',
  'svelte/reactivity': 'MediaQuery SvelteMap SvelteSet createSubscriber',
  'svelte/reactivity/window': 'online',
};

const shared = new Map(Object.entries(NAMES).map(([source, names]) => [source, names.split(' ')]));
export const SHARED_SOURCES = [...shared.keys()];

const offered = createHash('sha256').update(JSON.stringify(NAMES)).digest('hex').slice(0, 8);
/** A remote uses the shell's Svelte only where this is the same in both. */
export const SVELTE = `${version}-${offered}`;

export const RUNTIME_MODULE = 'virtual:svelte';
const RESOLVED = `\0${RUNTIME_MODULE}`;

/** The module that the import map names. */
export const sharedSvelte = (): Plugin => ({
  name: 'payloom:shared-svelte',
  resolveId: (id) => (id === RUNTIME_MODULE ? RESOLVED : null),
  load: (id) =>
    id === RESOLVED
      ? [...shared].map(([source, names]) => `export { ${names.join(', ')} } from '${source}';`).join('\n')
      : null,
});

/** The shell keeps the runtime in one file: split by source it would be several round trips. */
export const runtimeChunk = (id: string): string | undefined =>
  id === RESOLVED || id.startsWith(svelteFolder) || /node_modules\/(esm-env|clsx)\//.test(id)
    ? 'svelte'
    : undefined;

const FROM_SHELL = '\0from-shell:';

/**
 * Lets a remote import what the shell offers, and refuses what it does not: browsers would load neither.
 * With a module between, the bundler names what is imported, where components import all of a source.
 */
export const fromShell = (): Plugin => ({
  name: 'payloom:from-shell',
  enforce: 'pre',
  resolveId(source, importer) {
    if (!shared.has(source)) return null;
    return importer?.startsWith(FROM_SHELL) ? { id: source, external: true } : FROM_SHELL + source;
  },
  load: (id) => (id.startsWith(FROM_SHELL) ? `export * from '${id.slice(FROM_SHELL.length)}';` : null),
  generateBundle(_options, bundle) {
    const chunks = Object.values(bundle).filter((file) => file.type === 'chunk');
    const missing = chunks.flatMap(({ moduleIds, importedBindings }) => [
      ...moduleIds.filter((id) => id.startsWith(svelteFolder)),
      ...[...shared].flatMap(([source, names]) =>
        (importedBindings[source] ?? [])
          .filter((name) => !names.includes(name))
          .map((name) => `${name} of ${source}`),
      ),
    ]);
    if (missing.length > 0)
      this.error(`the shell does not offer ${[...new Set(missing)].join(', ')}: see mfes/svelte-runtime.ts`);
  },
});
