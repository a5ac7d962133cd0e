import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { transformWithEsbuild, type Plugin } from 'vite';

const PLACE = '<!-- first paint -->';
const STYLESHEET = /\s*<link rel="stylesheet"[^>]*>/g;
const TOKEN = /^\s*(--[\w-]+):\s*([^;]+);/gm;
/** Inter's measures in a typeface that is there at once, so that nothing moves when Inter arrives. */
const FALLBACK_FACE = /@font-face \{[^}]*'Inter Fallback'[^}]*\}/;

/** A stylesheet with the values of the design tokens instead of their names. */
const withTokens = (css: string, theme: string): string => {
  const tokens = new Map([...theme.matchAll(TOKEN)].map(([, name, value]) => [name, value]));
  return css.replaceAll(/var\((--[\w-]+)\)/g, (_use, name: string) => {
    const value = tokens.get(name);
    if (value === undefined) throw new Error(`first-paint/style.css: there is no token ${name}`);
    return value;
  });
};

const minified = async (code: string, file: string, loader: 'css' | 'js'): Promise<string> =>
  (await transformWithEsbuild(code, file, { loader, minify: true, sourcemap: false })).code.trim();

/** Asks for the typeface early: where it comes late the page goes on without it. */
const preloadOf = (files: string[]): string => {
  const file = files.find((name) => /inter-latin-.*\.woff2$/.test(name));
  const kind = 'as="font" type="font/woff2" fetchpriority="low" crossorigin';
  return file === undefined ? '' : `<link rel="preload" href="/${file}" ${kind} />\n    `;
};

/**
 * Puts `first-paint/style.css` and `script.js` into the page, so that a slow line shows the frame with the
 * first answer, and moves the stylesheet behind the frame, which it would hold up. The gateway allows both by
 * their hashes. Scripts still wait for the stylesheet.
 */
export const firstPaint = (shellDir: string): Plugin => ({
  name: 'payloom:first-paint',
  transformIndexHtml: {
    order: 'post',
    async handler(html, { bundle = {} }) {
      const read = (file: string) => readFile(resolve(shellDir, file), 'utf8');
      const [css, script, theme, base] = await Promise.all([
        read('first-paint/style.css'),
        read('first-paint/script.js'),
        read('../../shared/ui/theme.css'),
        read('../../shared/ui/base.css'),
      ]);
      const face = FALLBACK_FACE.exec(base)?.[0] ?? '';
      const style = await minified(face + withTokens(css, theme), 'first-paint.css', 'css');
      const code = await minified(script, 'first-paint.js', 'js');
      const inline = `${preloadOf(Object.keys(bundle))}<style>${style}</style>\n    <script>${code}</script>`;
      const stylesheets = (html.match(STYLESHEET) ?? []).join('');
      return html
        .replaceAll(STYLESHEET, '')
        .replace(PLACE, () => inline)
        .replace(/\s*<\/body>/, (end) => stylesheets + end);
    },
  },
});
