import { changeOf, rebased, valuesOf } from './values.ts';

const stored = {
  phone: '+442079460018',
  addressLine1: null,
  addressLine2: null,
  postalCode: null,
  city: 'London',
  country: 'GB',
  biography: null,
  version: 3,
};
const before = valuesOf('Ada', stored);

it('shows what is not given as an empty field', () => {
  expect(before).toMatchObject({ name: 'Ada', city: 'London', postalCode: '' });
  expect(before).not.toHaveProperty('version');
});

it('sends what differs, and null for what was emptied', () => {
  expect(changeOf({ ...before, city: 'Leeds', phone: ' ', biography: '' }, before)).toEqual({
    city: 'Leeds',
    phone: null,
  });
  expect(changeOf({ ...before, city: 'London ' }, before)).toEqual({});
});

it('keeps what was typed when something else was changed elsewhere', () => {
  const now = valuesOf('Ada King', { ...stored, city: 'York', phone: null });
  expect(rebased({ ...before, city: 'Leeds' }, before, now)).toEqual({
    ...before,
    name: 'Ada King',
    phone: '',
    city: 'Leeds',
  });
});
