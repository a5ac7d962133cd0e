import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isPagePath } from '../shared/contracts/pages.ts';

const shell = join(import.meta.dirname, 'shell');
type Icon = { src: string; sizes: string; type: string; purpose?: string };
type AppManifest = {
  start_url: string;
  background_color: string;
  theme_color: string;
  icons: Icon[];
  shortcuts: { url: string; icons: Icon[] }[];
};
const manifest = JSON.parse(readFileSync(join(shell, 'public/manifest.webmanifest'), 'utf8')) as AppManifest;
const page = readFileSync(join(shell, 'index.html'), 'utf8');

/** A colour of the design system in both themes. */
const token = (name: string): string[] => {
  const theme = readFileSync(join(shell, '../../shared/ui/theme.css'), 'utf8');
  return new RegExp(`--color-${name}: light-dark\\((#\\w+), (#\\w+)\\)`).exec(theme)?.slice(1) ?? [];
};

/** Width and height of a PNG, from its first chunk (https://www.w3.org/TR/png/#11IHDR). */
const sizeOf = (src: string): string => {
  const bytes = readFileSync(join(shell, 'public', src));
  return `${bytes.readUInt32BE(16)}x${bytes.readUInt32BE(20)}`;
};

test('every icon is there, in the size that is named', () => {
  const icons = [...manifest.icons, ...manifest.shortcuts.flatMap((shortcut) => shortcut.icons)];
  const drawn = icons.filter(({ type }) => type === 'image/png');
  expect(drawn.map(({ src }) => sizeOf(src))).toEqual(drawn.map(({ sizes }) => sizes));
  expect(icons.filter(({ src }) => !existsSync(join(shell, 'public', src)))).toEqual([]);
  expect(manifest.icons.filter(({ purpose }) => purpose === 'maskable')).toHaveLength(1);
  expect(sizeOf('apple-touch-icon.png')).toBe('180x180');
});

test('it starts, and its shortcuts lead, at our own pages', () => {
  const urls = [manifest.start_url, ...manifest.shortcuts.map(({ url }) => url)];
  expect(urls.filter((url) => !isPagePath(url))).toEqual([]);
});

test('its colours are those of the design system, as are those of the page, light before dark', () => {
  const [lightBar, darkBar] = token('surface');
  expect([manifest.theme_color, manifest.background_color]).toEqual([lightBar, token('page')[0]]);
  const metas = [
    ...page.matchAll(/name="theme-color" content="(#\w+)" media="\(prefers-color-scheme: (\w+)\)"/g),
  ];
  expect(metas.map(([, colour, scheme]) => [scheme, colour])).toEqual([
    ['light', lightBar],
    ['dark', darkBar],
  ]);
});
