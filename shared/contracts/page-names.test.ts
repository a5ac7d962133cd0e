import { PAGES } from './pages.ts';
import { OTHER, pageNameOf } from './page-name.ts';
import { PAGE_NAMES } from './page-names.ts';

/** The paths that a pattern of PAGES takes, with `:id` for any segment. */
const pathsOf = ({ source }: RegExp): string[] => {
  const plain = source
    .replaceAll('\\/', '/')
    .replaceAll('[^/]+', ':id')
    .replace(/^\^|\$$/g, '');
  const group = /\(\?:((?:[^()]|\([^()]*\))*)\)(\?)?/.exec(plain);
  if (!group) return [plain];
  const [whole, inner = '', optional] = group;
  const options = inner.split(/\|(?![^(]*\))/);
  const all = optional ? ['', ...options] : options;
  return all.flatMap((option) => pathsOf({ source: plain.replace(whole, () => option) } as RegExp));
};

it('every page has a name', () => {
  const paths = PAGES.flatMap(({ pattern }) => pathsOf(pattern));
  expect(paths).toContain('/settings/devices');
  expect(paths).toContain('/admin/dead-letters/:id');
  expect(paths.filter((path) => !PAGE_NAMES.includes(path))).toEqual([]);
});

it.each(PAGE_NAMES)('%s is the name of its own path', (name) => {
  expect(pageNameOf(name.replace(':id', 'pay_019ac2f4'))).toBe(name);
});

it('every name is one of a page', () => {
  const isPage = (name: string) => name === '/' || PAGES.some(({ pattern }) => pattern.test(name));
  expect(PAGE_NAMES.filter((name) => !isPage(name))).toEqual([]);
});

it.each([
  ['/payments/', '/payments'],
  ['/payments/new', '/payments/new'],
  ['/payments/pay_019ac2f4b7a07c3e9d415e0a2b6c0a02', '/payments/:id'],
  ['/admin/users/usr_1', '/admin/users/:id'],
  ['/settings/ada@example.com', OTHER],
  ['/payments/pay_1/more', OTHER],
  ['/constructor', OTHER],
  ['/', '/'],
  ['/payments/ada', '/payments/:id'],
  ['/admin/dead-letters/admin:evt_1', '/admin/dead-letters/:id'],
])('%s is the page %s', (path, name) => expect(pageNameOf(path)).toBe(name));
