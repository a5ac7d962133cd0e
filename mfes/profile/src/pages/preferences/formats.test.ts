import { LANGUAGES } from '../../../../../shared/contracts/profile.ts';
import { exampleOf, nameOf } from './formats.ts';

const plain = (text: string): string => text.replaceAll(/[\u00a0\u202f]/g, ' ');

describe('a language of dates and numbers', () => {
  it.each([
    ['en-GB', 'English (United Kingdom)'],
    ['en-US', 'English (United States)'],
    ['de-DE', 'Deutsch (Deutschland)'],
    ['fr-FR', 'Français (France)'],
    ['ja-JP', '日本語 (日本)'],
    ['sv-SE', 'Svenska (Sverige)'],
  ])('%s calls itself %s', (tag, name) => {
    expect(nameOf(tag)).toBe(name);
  });

  it.each([
    ['en-GB', '23 Nov 2026', '€12,345.67'],
    ['en-US', 'Nov 23, 2026', '€12,345.67'],
    ['de-DE', '23 Nov 2026', '12.345,67 €'],
  ] as const)('%s shows how it writes a date and an amount', (language, date, amount) => {
    const example = exampleOf(language, 'ja-JP');
    expect({ date: plain(example.date), amount: plain(example.amount) }).toEqual({ date, amount });
  });

  it('of the system is the browser’s', () => {
    expect(exampleOf('system', 'de-DE')).toEqual(exampleOf('de-DE', 'en-GB'));
  });

  it('is known to the runtime, for every one that can be chosen', () => {
    for (const language of LANGUAGES.filter((one) => one !== 'system')) {
      expect(nameOf(language)).toMatch(/\(.+\)/);
    }
  });
});
