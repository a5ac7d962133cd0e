import { folded, ranked } from './ranking.ts';

const labelsFor = (query: string, ...labels: string[]): string[] =>
  ranked(
    query,
    labels.map((label) => ({ label })),
  ).map(({ label }) => label);

describe('what was typed', () => {
  test('fits best at the beginning, then at the start of a word, then within, then scattered', () => {
    expect(labelsFor('pre', 'Super preview', 'Supreme', 'Preferences', 'Pay for rent')).toEqual([
      'Preferences',
      'Super preview',
      'Supreme',
      'Pay for rent',
    ]);
  });

  test('fits in several words, each by its start and in any order', () => {
    expect(labelsFor('log au', 'Audit log', 'Analogue')).toEqual(['Audit log']);
    expect(labelsFor('ch pa', 'Change password', 'Payments')).toEqual(['Change password']);
  });

  test.each([
    ['resume', 'Résumé'],
    ['RÉSUMÉ', 'resume'],
    ['strasse', 'Straße 7'],
    ['lodz', 'Łódź'],
    ['aero', 'Ærø'],
    ['istanbul', 'İstanbul'],
    ['ångström', 'Angstrom'],
  ])('%s fits %s without regard to marks and case', (query, label) => {
    expect(labelsFor(query, label)).toEqual([label]);
  });

  test('with letters in another order, or with one too many, fits nothing', () => {
    expect(labelsFor('yap', 'Pay')).toEqual([]);
    expect(labelsFor('payy', 'Pay')).toEqual([]);
    expect(labelsFor('', 'Pay', 'Reports')).toEqual(['Pay', 'Reports']);
    expect(labelsFor('   ', 'Pay')).toEqual(['Pay']);
  });

  test('fits scattered letters the better the closer they are, and equal fits keep their order', () => {
    expect(labelsFor('dvs', 'Dead letters via system', 'Devices')).toEqual([
      'Devices',
      'Dead letters via system',
    ]);
    expect(labelsFor('p', 'Profile', 'Pay', 'Payments')).toEqual(['Profile', 'Pay', 'Payments']);
  });

  test('fits other words for a thing from their start, after its own name', () => {
    const items = [
      { label: 'Sign out', words: 'log out leave' },
      { label: 'Audit log' },
      { label: 'Logins' },
    ];
    expect(ranked('log', items).map(({ label }) => label)).toEqual(['Logins', 'Audit log', 'Sign out']);
    expect(ranked('og', items.slice(0, 1))).toEqual([]);
    // Scattered over "log out leave" it would fit nearly anything.
    expect(ranked('lve', items.slice(0, 1))).toEqual([]);
  });

  test('is never slower than the text is long: a long text of one letter', () => {
    expect(labelsFor('a'.repeat(101), 'a'.repeat(100))).toEqual([]);
  });
});

test('folding leaves letters of other scripts as they are', () => {
  expect(folded('  Ελλάδα ')).toBe('ελλαδα');
  expect(folded('東京')).toBe('東京');
});
