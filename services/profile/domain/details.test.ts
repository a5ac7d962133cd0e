import { changedDetails, NO_DETAILS } from './details.ts';

const told = { ...NO_DETAILS, phone: '+442079460018', city: 'London', country: 'GB', version: 4 };

describe('a change of personal data', () => {
  it('replaces the given fields, names them, and increments the version', () => {
    expect(changedDetails(told, { city: 'Leeds', postalCode: 'LS1 4DY' })).toEqual({
      next: { ...told, city: 'Leeds', postalCode: 'LS1 4DY', version: 5 },
      fields: ['postalCode', 'city'],
    });
  });

  it('clears a field with null', () => {
    expect(changedDetails(told, { phone: null })).toEqual({
      next: { ...told, phone: null, version: 5 },
      fields: ['phone'],
    });
  });

  it.each([{}, { city: undefined }, { city: 'London' }, { biography: null }])(
    'is null when nothing changes: %j',
    (change) => {
      expect(changedDetails(told, change)).toBeNull();
    },
  );
});
