import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { isPagePath } from '../shared/contracts/pages.ts';
import { checkConfiguration } from './program.ts';
import { writeConfiguration, writeSite, type Site } from './render.ts';
import { PROGRAM, startEdge, type Edge } from './testing/start-edge.ts';

let edge: Edge;
beforeAll(async () => {
  edge = await startEdge([1]);
});
afterAll(() => edge.stop());

test('nginx finds nothing to complain about in the configuration', async () => {
  await checkConfiguration(PROGRAM, edge.folder);
  expect(edge.output()).toBe('');
});

test('headers are added in one file only, because one in a location would drop all others', () => {
  const files = readdirSync(import.meta.dirname).filter((name) => /[.](conf|template)$/.test(name));
  const adding = files.filter((name) =>
    /^\s*add_header /m.test(readFileSync(join(import.meta.dirname, name), 'utf8')),
  );
  expect(adding).toEqual(['headers.conf']);
});

test.each([
  '/',
  '/sign-in',
  '/sign-in/',
  '/payments/pay_1',
  '/settings/password',
  '/nowhere',
  '/payments/a/b',
])('%s is a page for nginx where it is one for the contracts', (path) => {
  const text = readFileSync(join(edge.folder, 'web.conf'), 'utf8');
  const patterns = [...text.matchAll(/^ {2}"~(.*)" yes;$/gm)].map(([, source]) => new RegExp(source ?? ''));
  expect(patterns.some((pattern) => pattern.test(path))).toBe(isPagePath(path));
});

describe('a configuration that cannot work is refused with its cause', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'payloom-edge-'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  const site = (change: Partial<Site>): Site => ({
    version: '1.22.1',
    publicUrl: 'https://localhost:1',
    address: '127.0.0.1',
    ports: { https: 1, http: 2 },
    gateways: ['127.0.0.1:3'],
    certificate: {
      certificate: join(edge.folder, 'tls/localhost.crt'),
      key: join(edge.folder, 'tls/localhost.key'),
    },
    webFolder: join(edge.folder, 'web'),
    accessLog: join(folder, 'access.log'),
    ...change,
  });

  test.each<[what: string, change: Partial<Site>, message: RegExp]>([
    [
      'no certificate',
      { certificate: { certificate: '/none.crt', key: '/none.key' } },
      /certificate "\/none.crt"/,
    ],
    ['a folder that is missing', { accessLog: '/none/access.log' }, /"\/none\/access.log".*No such file/],
    ['no gateway', { gateways: [] }, /no servers are inside upstream/],
  ])('%s', async (_what, change, message) => {
    writeConfiguration(folder, join(edge.folder, 'web'));
    writeSite(folder, site(change));
    await expect(checkConfiguration(PROGRAM, folder)).rejects.toThrow(message);
  });

  test('no built page', () => {
    expect(() => writeConfiguration(folder, '/none')).toThrow('npm run build');
  });
});
