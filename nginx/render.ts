import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { ReportTarget } from '../broker/process/sentry-settings.ts';
import { pagePolicy } from '../services/gateway/http/security-headers.ts';
import { inlineSourcesOf } from '../services/gateway/web/inline-sources.ts';
import { serverTiming } from '../services/gateway/web/report-headers.ts';
import { ERRORS, type ErrorCode } from '../shared/contracts/errors.ts';
import { FIRST_PAGE, PAGES } from '../shared/contracts/pages.ts';

const FOLDER = import.meta.dirname;
const OUTAGE = 'outage.html';
const TEMPLATE = 'site.conf.template';

/** A pattern of nginx that matches a page's paths, with or without slashes at their end. */
const patternOf = (source: string): string => `"~^(?:${source.replace(/^\^/, '').replace(/\$$/, '')})/*$"`;

type Problem = { status: string; code: ErrorCode; title?: string };
/** The problems that nginx answers itself, by status as a map of nginx takes it. */
const PROBLEMS: readonly Problem[] = [
  { status: '404', code: 'not_found' },
  { status: '405', code: 'method_not_allowed' },
  { status: '408', code: 'request_timeout' },
  { status: '413', code: 'body_too_large' },
  { status: '414', code: 'bad_request', title: 'The address is too long.' },
  { status: '421', code: 'bad_request', title: 'This server does not serve this host.' },
  { status: '429', code: 'rate_limited' },
  { status: '431', code: 'bad_request', title: 'The headers are larger than allowed.' },
  { status: '503', code: 'unavailable' },
  { status: '504', code: 'timeout' },
  { status: '~^5', code: 'internal' },
  { status: 'default', code: 'bad_request' },
];

/** A map of nginx from the status to a variable. */
const problemMap = (variable: string, valueOf: (problem: Problem) => string): string =>
  `map $status $${variable} {
  volatile;
${PROBLEMS.map((problem) => `  ${problem.status} "${valueOf(problem)}";`).join('\n')}
}`;

/**
 * What nginx has to know of a build and the contracts: the paths of pages, the policies of responses, the
 * codes and sentences of problems.
 */
const webConfig = (webFolder: string): string => {
  if (!existsSync(join(webFolder, 'index.html')))
    throw new Error(`There are no built pages in ${webFolder}: npm run build`);
  const policyOf = (file: string, connect?: string) =>
    pagePolicy(inlineSourcesOf(readFileSync(file, 'utf8')), connect);
  const paths = [FIRST_PAGE.replace(/\/$/, ''), ...PAGES.map(({ pattern }) => pattern.source)];
  return `# Made by nginx/render.ts from the build and the contracts.
map $uri $is_page {
${paths.map((path) => `  ${patternOf(path)} yes;`).join('\n')}
  default '';
}
map $kind $policy {
  volatile;
  page "${policyOf(join(webFolder, 'index.html'), "'self'$sentry_origin")}";
  file "${pagePolicy()}";
  outage "${policyOf(join(FOLDER, OUTAGE))}";
  default $gateway_policy;
}
${problemMap('problem_code', ({ code }) => code)}
${problemMap('problem_title', ({ code, title }) => title ?? ERRORS[code][1])}
`;
};

/**
 * Writes the configuration of nginx into a folder: all files but those that differ between installations.
 * @param webFolder the built pages
 */
export const writeConfiguration = (folder: string, webFolder: string): void => {
  mkdirSync(join(folder, 'conf.d'), { recursive: true });
  mkdirSync(join(folder, 'html'), { recursive: true });
  for (const file of readdirSync(FOLDER).filter((name) => name.endsWith('.conf')))
    cpSync(join(FOLDER, file), join(folder, file));
  cpSync(join(FOLDER, OUTAGE), join(folder, 'html', OUTAGE));
  writeFileSync(join(folder, 'web.conf'), webConfig(webFolder));
};

/** Copies the template of the file that differs, for a program that fills it later. */
export const writeTemplate = (folder: string): void =>
  cpSync(join(FOLDER, TEMPLATE), join(folder, 'templates', TEMPLATE));

/** An installation of the edge. */
export type Site = {
  /** The version of nginx, such as 1.22.1. */
  version: string;
  /** The origin that users open. */
  publicUrl: string;
  /** The address to listen on; all when it is empty. */
  address: string;
  ports: { https: number; http: number };
  /** Addresses of the gateways, such as 127.0.0.1:3001. */
  gateways: readonly string[];
  certificate: { certificate: string; key: string };
  webFolder: string;
  accessLog: string;
  limits?: Partial<Limits>;
  /** Where pages report their defects. */
  reports?: ReportTarget | null;
  /** Whether browsers get a service worker; otherwise those that they have end. */
  hasWorker?: boolean;
  /** Path prefixes whose bodies are streamed, whatever their size. */
  streamedPrefixes?: readonly string[];
};

type Limits = { signInsPerSecond: number; requestsPerSecond: number; requestsAtOnce: number };

/** Above those of the gateway (docs/limits.md), which count by the minute. */
const LIMITS: Limits = { signInsPerSecond: 5, requestsPerSecond: 500, requestsAtOnce: 512 };

/**
 * A gateway that fails is left alone for two seconds; where that is true of all, they are tried nevertheless,
 * because one of them may be there again.
 */
const SERVER_OPTIONS = ['max_fails=1 fail_timeout=2s', 'max_fails=0 backup'];

const quoted = (path: string): string => `"${path.replaceAll(/["\\]/g, '\\$&')}"`;

const isOlderThan = (version: string, [major, minor, patch]: readonly [number, number, number]): boolean => {
  const [a = 0, b = 0, c = 0] = version.split('.').map(Number);
  return a !== major ? a < major : b !== minor ? b < minor : c < patch;
};

/** A regular expression for these paths and all below them; one that matches nothing where there are none. */
const pathsBelow = (prefixes: readonly string[]): string =>
  prefixes.length === 0
    ? '(?!)'
    : `^(?:${prefixes.map((prefix) => prefix.replaceAll(/[^\w/-]/g, '\\$&')).join('|')})(?:/|$)`;

const valuesOf = (site: Site): Record<string, string> => {
  const { version, address, ports, certificate } = site;
  const limits = { ...LIMITS, ...site.limits };
  const hasOldHttp2 = isOlderThan(version, [1, 25, 1]);
  return {
    RESOLVER: '',
    GATEWAYS: SERVER_OPTIONS.flatMap((options) =>
      site.gateways.map((gateway) => `server ${gateway} ${options};`),
    ).join('\n  '),
    SIGN_INS_PER_SECOND: String(limits.signInsPerSecond),
    REQUESTS_PER_SECOND: String(limits.requestsPerSecond),
    REQUESTS_AT_ONCE: String(limits.requestsAtOnce),
    ACCESS_LOG: quoted(resolve(site.accessLog)),
    CERTIFICATE: quoted(resolve(certificate.certificate)),
    CERTIFICATE_KEY: quoted(resolve(certificate.key)),
    WEB_ROOT: quoted(resolve(site.webFolder)),
    LISTEN: address === '' ? '' : `${address}:`,
    HTTPS_PORT: String(ports.https),
    HTTP_PORT: String(ports.http),
    LISTEN_HTTP2: hasOldHttp2 ? ' http2' : '',
    HTTP2: hasOldHttp2 ? '' : 'http2 on;',
    HOST: new URL(site.publicUrl).hostname,
    PUBLIC_URL: new URL(site.publicUrl).origin,
    SENTRY_ORIGIN: site.reports ? ` ${new URL(site.reports.dsn).origin}` : '',
    SENTRY_TIMING: serverTiming(site.reports ?? null),
    WORKER_FILE: site.hasWorker === false ? '/sw-off.js' : '/sw.js',
    STREAMED_PATHS: pathsBelow(site.streamedPrefixes ?? []),
  };
};

/** Writes the file that differs between installations. */
export const writeSite = (folder: string, site: Site): void => {
  const values = valuesOf(site);
  const text = readFileSync(join(FOLDER, TEMPLATE), 'utf8');
  const filled = text.replaceAll(/\$\{([A-Z0-9_]+)\}/g, (whole, name: string) => values[name] ?? whole);
  writeFileSync(join(folder, 'conf.d/site.conf'), filled);
};
