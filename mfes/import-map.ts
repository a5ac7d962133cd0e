import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';
import { RUNTIME_MODULE, SHARED_SOURCES } from './svelte-runtime.ts';

const integrityOf = (content: string): string =>
  `sha384-${createHash('sha384').update(content).digest('base64')}`;

/**
 * Puts the import map into the page, by which remotes share the shell's Svelte. It stands before all scripts,
 * after which some browsers take no map any more.
 */
export const importMap = (): Plugin => ({
  name: 'payloom:import-map',
  transformIndexHtml: {
    order: 'post',
    handler(html, { bundle }) {
      if (bundle === undefined) return html;
      const runtime = Object.values(bundle).find(
        (file) => file.type === 'chunk' && file.facadeModuleId === `\0${RUNTIME_MODULE}`,
      );
      if (runtime?.type !== 'chunk') throw new Error('the shell has no file with the whole of Svelte');
      const href = `/${runtime.fileName}`;
      const integrity = integrityOf(runtime.code);
      const map = JSON.stringify({
        imports: Object.fromEntries(SHARED_SOURCES.map((name) => [name, href])),
        integrity: { [href]: integrity },
      });
      // Asked for with its hash: a browser that reads ahead would otherwise ask twice, first without it.
      const script = `<script type="module" crossorigin src="${href}"></script>`;
      if (!html.includes(script)) throw new Error('the page does not ask for Svelte');
      return html
        .replace(script, `<link rel="modulepreload" crossorigin href="${href}" integrity="${integrity}" />`)
        .replace('</title>', () => `</title>\n    <script type="importmap">${map}</script>`);
    },
  },
});
