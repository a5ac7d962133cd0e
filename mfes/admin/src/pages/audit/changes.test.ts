import { changesOf } from './changes.ts';

it('names what has changed first, then what is only said of one state or the same in both', () => {
  const before = { name: 'Cat', email: 'a@x', role: 'CUSTOMER' };
  const after = { email: 'b@x', role: 'CUSTOMER', needsLink: true };
  expect(changesOf(before, after)).toEqual([
    { name: 'E-mail address', before: 'a@x', after: 'b@x', isChanged: true },
    { name: 'Name', before: 'Cat', after: null, isChanged: false },
    { name: 'Role', before: 'CUSTOMER', after: 'CUSTOMER', isChanged: false },
    { name: 'Needs link', before: null, after: 'yes', isChanged: false },
  ]);
});

it('shows values within values by their path, and lists as they are', () => {
  expect(changesOf(null, { notifications: { payments: false }, ids: ['a', 'b'], note: null })).toEqual([
    { name: 'Notifications, payments', before: null, after: 'no', isChanged: false },
    { name: 'Ids', before: null, after: '["a","b"]', isChanged: false },
    { name: 'Note', before: null, after: 'none', isChanged: false },
  ]);
});

it('of an entry without states is nothing', () => {
  expect(changesOf(null, null)).toEqual([]);
});
