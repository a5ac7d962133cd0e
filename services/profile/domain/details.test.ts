import { changedDetails, NO_DETAILS } from './details.ts';

const stored = { ...NO_DETAILS, phone: '+442079460018', city: 'London', country: 'GB', version: 4 };

describe('a change of personal data', () => {
  it('replaces the given fields, names them, and increments the version', () => {
    expect(changedDetails(stored, { city: 'Leeds', postalCode: 'LS1 4DY' })).toEqual({
      next: { ...stored, city: 'Leeds', postalCode: 'LS1 4DY', version: 5 },
      fields: ['postalCode', 'city'],
    });
  });

  it('clears a field with null', () => {
    expect(changedDetails(stored, { phone: null })).toEqual({
      next: { ...stored, phone: null, version: 5 },
      fields: ['phone'],
    });
  });

  it.each([{}, { city: undefined }, { city: 'London' }, { biography: null }])(
    'is null when nothing changes: %j',
    (change) => {
      expect(changedDetails(stored, change)).toBeNull();
    },
  );
});
