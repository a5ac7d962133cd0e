import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Respond } from '../http/respond.ts';
import type { Serve } from '../http/exchange.ts';
import { pageOf as eventsPageOf, type AsyncApi } from './asyncapi/page.ts';
import { accepts } from '../web/static.ts';
import type { Document } from './page/operation-view.ts';
import { pageOf } from './page/page.ts';
import type { Json } from './schemas.ts';

const INTER = dirname(createRequire(import.meta.url).resolve('@fontsource-variable/inter/package.json'));
const FONT = 'files/inter-latin-wght-normal.woff2';
const OURS = join(import.meta.dirname, 'page');
const DESIGN = join(import.meta.dirname, '../../../shared/ui');

/** The design system's tokens and ground rules, which elsewhere the build of the pages puts together. */
const styles = async (): Promise<string> => {
  const files = [join(DESIGN, 'theme.css'), join(DESIGN, 'base.css'), join(OURS, 'docs.css')];
  const [tokens = '', base = '', own = ''] = await Promise.all(files.map((file) => readFile(file, 'utf8')));
  return [
    tokens.replace('@theme static {', ':root {').replace(/^ *--color-\*:.*$/m, ''),
    base.replaceAll(/url\('[^']*\/(inter-[a-z]+)[^']*\.woff2'\)/g, "url('/api/docs/$1.woff2')"),
    own,
  ].join('\n');
};

type Loaded = { plain: Buffer; packed: Buffer };

/** Sends what is read once; as gzip where the client takes it, which makes texts a tenth as long. */
export const serveOnce = (type: string, respond: Respond, read: () => Promise<string | Buffer>): Serve => {
  let loading: Promise<Loaded> | null = null;
  const load = async (): Promise<Loaded> => {
    const plain = Buffer.from(await read());
    return { plain, packed: gzipSync(plain) };
  };
  return ({ request, response, requestId }) => {
    loading ??= load();
    loading.then(
      ({ plain, packed }) => {
        const isPacked =
          packed.length < plain.length && accepts(String(request.headers['accept-encoding']), 'gzip');
        const headers = ['Vary', 'Accept-Encoding', ...(isPacked ? ['Content-Encoding', 'gzip'] : [])];
        respond.bytes(response, requestId, 200, type, isPacked ? packed : plain, headers);
      },
      (error: unknown) => {
        loading = null;
        respond.problem(response, requestId, error);
      },
    );
  };
};

export type Documents = { openApi: () => Json; asyncApi: () => Json };

/** The pages at /api/docs and their files; the icon is that of the other pages. */
export const serveDocs = (
  { openApi, asyncApi }: Documents,
  publicUrl: string,
  respond: Respond,
): Readonly<Record<string, Serve>> => {
  const file = (type: string, path: string): Serve => serveOnce(type, respond, () => readFile(path));
  return {
    '/api/docs': serveOnce('text/html; charset=utf-8', respond, async () =>
      pageOf(openApi() as Document, publicUrl),
    ),
    '/api/docs/events': serveOnce('text/html; charset=utf-8', respond, async () =>
      eventsPageOf(asyncApi() as AsyncApi),
    ),
    '/api/docs/docs.css': serveOnce('text/css; charset=utf-8', respond, styles),
    '/api/docs/docs.js': file('text/javascript; charset=utf-8', join(OURS, 'docs.js')),
    '/api/docs/theme.js': file('text/javascript; charset=utf-8', join(OURS, 'theme.js')),
    '/api/docs/inter-latin.woff2': file('font/woff2', join(INTER, FONT)),
    '/api/docs/inter-currency.woff2': file('font/woff2', join(DESIGN, 'fonts/inter-currency.woff2')),
  };
};
