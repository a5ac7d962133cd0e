import { nameProblem, readViews, VIEWS_MAX, withView, writeViews } from './saved-views.ts';

const TABLE = '/admin/users';
const suspended = { name: 'Suspended', path: `${TABLE}?state=suspended` };
const admins = { name: 'Admins', path: `${TABLE}?role=ADMIN` };

/** What of the browser's storage is used. */
let stored: Record<string, string>;
beforeEach(() => {
  stored = {};
  Object.assign(globalThis, {
    localStorage: {
      getItem: (key: string) => stored[key] ?? null,
      setItem: (key: string, value: string) => void (stored[key] = value),
    },
  });
});

it('keeps the views of each person and table apart', () => {
  expect(writeViews('usr_a', TABLE, [suspended])).toBe(true);
  writeViews('usr_a', '/admin/audit', [{ name: 'Today', path: '/admin/audit?day=today' }]);
  writeViews('usr_b', TABLE, [admins]);
  expect(readViews('usr_a', TABLE)).toEqual([suspended]);
  expect(readViews('usr_b', TABLE)).toEqual([admins]);
  expect(readViews('usr_b', '/admin/audit')).toEqual([]);
});

it('leaves out what is damaged or leads elsewhere', () => {
  stored['payloom-views-usr_a'] = 'no JSON';
  expect(readViews('usr_a', TABLE)).toEqual([]);
  const foreign = { name: 'Foreign', path: 'https://evil.example/admin/users' };
  const views = [foreign, null, { name: 1, path: TABLE }, suspended];
  stored['payloom-views-usr_a'] = JSON.stringify({ [TABLE]: views });
  expect(readViews('usr_a', TABLE)).toEqual([suspended]);
});

it('a view of the same name is replaced where it stands', () => {
  const changed = { ...suspended, path: `${TABLE}?state=suspended&role=VENDOR` };
  expect(withView([suspended, admins], changed)).toEqual([changed, admins]);
  expect(withView([suspended], admins)).toEqual([suspended, admins]);
});

it('says what is wrong with a name', () => {
  const full = Array.from({ length: VIEWS_MAX }, (_, n) => ({ name: `View ${n}`, path: TABLE }));
  expect(nameProblem('  ', [])).toMatch('Give the view a name');
  expect(nameProblem('x'.repeat(41), [])).toMatch('at most 40');
  expect(nameProblem('One more', full)).toMatch('Delete one first');
  expect(nameProblem('View 3', full)).toBe('');
});
