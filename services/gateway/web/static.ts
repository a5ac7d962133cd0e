import { readdirSync, statSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { extname, join, relative, resolve } from 'node:path';
import type { ReportTarget } from '../../../broker/process/sentry-settings.ts';
import { isPagePath } from '../../../shared/contracts/pages.ts';
import { isNamed, strongTagOf } from '../http/entity-tags.ts';
import type { Exchange, Serve } from '../http/exchange.ts';
import type { Respond } from '../http/respond.ts';
import { pagePolicy, type FlatHeaders } from '../http/security-headers.ts';
import { inlineSourcesOf } from './inline-sources.ts';
import { connectSources, timingHeaders } from './report-headers.ts';

type Encoding = 'br' | 'gzip' | 'identity';
type Loaded = { bytes: Buffer; etag: string };
type Build = {
  builtAt: string;
  files: ReadonlySet<string>;
  loaded: Map<string, Promise<Loaded>>;
  /** The content security policy of the page: it allows what the build has put into it. */
  policy: Promise<string> | null;
};

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.ico': 'image/x-icon',
  '.js': 'text/javascript; charset=utf-8',
  '.json': 'application/json; charset=utf-8',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
  '.txt': 'text/plain; charset=utf-8',
  '.webmanifest': 'application/manifest+json',
  '.webp': 'image/webp',
  '.woff2': 'font/woff2',
};

const SUFFIXES: Readonly<Record<Encoding, string>> = { br: '.br', gzip: '.gz', identity: '' };

const PAGE = '/index.html';
const WORKER = '/sw.js';
/** Ends the service workers that browsers have. */
const NO_WORKER = '/sw-off.js';
const FILE_POLICY = ['Content-Security-Policy', pagePolicy()];
const NO_STORE = ['Cache-Control', 'no-store', ...FILE_POLICY];

const NOT_BUILT = `<!doctype html>
<html lang="en">
  <head><meta charset="utf-8" /><title>Not built yet</title></head>
  <body>
    <h1>The pages are not built yet</h1>
    <p>Run <code>npm run build</code>, then reload this page.</p>
  </body>
</html>
`;

/**
 * Files with the same name in each build, which browsers revalidate; a file with a hash in its name never
 * changes.
 */
const CHANGING = /^\/([\w.-]+|mfes\/manifest\.json)$/;
const HASHED = /[.-][\w-]{8,}\.\w+$/;
/**
 * A file of a version of a micro-frontend. Behind `~` is the number of an attempt: a browser remembers a
 * module that failed, with all that imports it, so another attempt takes the same files from other
 * addresses.
 */
const VERSIONED = /^(\/mfes\/[\w-]+\/[0-9a-f]{12})(?:~\d)?(?=\/)/;

const cachingOf = (path: string): string =>
  !CHANGING.test(path) && (path.startsWith('/assets/') || VERSIONED.test(path) || HASHED.test(path))
    ? 'public, max-age=31536000, immutable'
    : 'no-cache';

const timeOf = (file: string): string | null => {
  const stats = statSync(file, { throwIfNoEntry: false });
  return stats ? `${stats.mtimeMs}:${stats.size}` : null;
};

/** Paths of all files below the root, without links. Only a path in this set is ever read. */
const filesBelow = (root: string): ReadonlySet<string> =>
  new Set(
    readdirSync(root, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => `/${relative(root, join(entry.parentPath, entry.name))}`),
  );

const wantsPage = (path: string, { headers: { accept } }: IncomingMessage): boolean =>
  !/\.\w+$/.test(path) && (accept === undefined || accept.includes('text/html') || accept.includes('*/*'));

/** Whether an Accept-Encoding header takes an encoding. */
export const accepts = (accepted: string, encoding: string): boolean =>
  accepted.split(',').some((part) => {
    const [name, quality] = part.trim().split(/\s*;\s*/);
    return name === encoding && !/^q=0(\.0*)?$/.test(quality ?? '');
  });

const encodingOf = (path: string, files: ReadonlySet<string>, { headers }: IncomingMessage): Encoding => {
  const accepted = headers['accept-encoding'];
  if (typeof accepted !== 'string') return 'identity';
  if (files.has(`${path}.br`) && accepts(accepted, 'br')) return 'br';
  return files.has(`${path}.gz`) && accepts(accepted, 'gzip') ? 'gzip' : 'identity';
};

const load = async (file: string): Promise<Loaded> => {
  const bytes = await readFile(file);
  return { bytes, etag: strongTagOf(bytes) };
};

/**
 * Where pages report their defects, whether browsers get a service worker, and whether this is a development.
 */
type Settings = { reports: ReportTarget | null; hasWorker: boolean; isDevelopment: boolean };
type Site = Settings & { root: string };

const ownHeaders = async (
  { root, reports, isDevelopment }: Site,
  build: Build,
  path: string,
): Promise<FlatHeaders> => {
  if (path !== PAGE) return FILE_POLICY;
  build.policy ??= readFile(root + PAGE, 'utf8').then((html) =>
    pagePolicy(inlineSourcesOf(html), connectSources(reports)),
  );
  return ['Content-Security-Policy', await build.policy, ...timingHeaders(reports, isDevelopment)];
};

const sendFile = async (
  { site, build, path, status }: { site: Site; build: Build; path: string; status: 200 | 404 },
  { request, response, requestId }: Exchange,
  respond: Respond,
) => {
  const encoding = encodingOf(path, build.files, request);
  const file = site.root + path + SUFFIXES[encoding];
  const loading = build.loaded.get(file) ?? load(file);
  build.loaded.set(file, loading);
  const { bytes, etag } = await loading;
  const headers = ['Cache-Control', cachingOf(path), 'Vary', 'Accept-Encoding', 'ETag', etag];
  headers.push(...(await ownHeaders(site, build, path)));
  if (status === 200 && isNamed(request.headers['if-none-match'], etag))
    return respond.empty(response, requestId, 304, headers);
  if (encoding !== 'identity') headers.push('Content-Encoding', encoding);
  const type = TYPES[extname(path)] ?? 'application/octet-stream';
  respond.bytes(response, requestId, status, type, bytes, headers);
};

const buildAt = (root: string, before: Build | null): Build | null => {
  const index = timeOf(join(root, 'index.html'));
  if (index === null) return null;
  const builtAt = `${index} ${timeOf(join(root, 'mfes/manifest.json'))}`;
  if (before?.builtAt === builtAt) return before;
  try {
    return { builtAt, files: filesBelow(root), loaded: new Map(), policy: null };
  } catch (error) {
    // A build that is being placed has moved a folder meanwhile.
    if (before === null) throw error;
    return before;
  }
};

/**
 * Serves the built micro-frontends from memory, with the .br and .gz files of the build. A page's path (no
 * file extension, accepts HTML) gets index.html, with 404 where there is no such page; a missing file is 404.
 * A new build is served from the next page load.
 *
 * sirv does not replace this: it reads its file list once, ignores `q=0` in Accept-Encoding (RFC 9110
 * 12.5.3), follows links out of the folder, and its ETag is weak and made of size and time, so that it
 * differs between replicas.
 */
export const serveWeb = (folder: string, respond: Respond, settings: Settings): Serve => {
  const root = resolve(folder);
  const site = { root, ...settings };
  const fileAt = (path: string): string => (path === WORKER && !settings.hasWorker ? NO_WORKER : path);
  let build: Build | null = null;

  const notFound = ({ response, requestId }: Exchange): void =>
    respond.bytes(
      response,
      requestId,
      404,
      'text/plain; charset=utf-8',
      'There is no such file.\n',
      NO_STORE,
    );

  return (exchange) => {
    const { request, response, requestId } = exchange;
    const page = exchange.path === '/' || wantsPage(exchange.path, request);
    const path = page ? PAGE : fileAt(exchange.path.replace(VERSIONED, '$1'));
    // The shell itself shows that a page does not exist.
    const status = page && !isPagePath(exchange.path) ? 404 : 200;
    if (build === null || CHANGING.test(path)) build = buildAt(root, build);
    if (build === null) {
      return respond.bytes(response, requestId, 503, 'text/html; charset=utf-8', NOT_BUILT, [
        ...NO_STORE,
        'Retry-After',
        '5',
      ]);
    }
    // Another server may have delivered the manifest of a newer build.
    if (!build.files.has(path)) build = buildAt(root, build);
    if (!build?.files.has(path)) return notFound(exchange);
    const current = build;
    sendFile({ site, build: current, path, status }, exchange, respond).catch(() => {
      // A new build has removed the file; the next request reads the folder again.
      if (build === current) build = null;
      notFound(exchange);
    });
  };
};
