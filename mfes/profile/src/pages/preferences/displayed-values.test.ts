import type { Preferences } from '../../../../../shared/contracts/profile.ts';
import { whatIsShown } from './displayed-values.ts';

const at = (version: number, change: Partial<Preferences> = {}): Preferences => ({
  theme: 'system',
  language: 'system',
  timeZone: 'system',
  currency: null,
  notifications: { paymentsReceived: true, paymentsSent: true, signIns: true },
  analytics: 'unset',
  version,
  ...change,
});

describe('preferences as they are drawn', () => {
  it('are not known while the shell only guesses and nothing was read', () => {
    expect(whatIsShown(at(0), null, [])).toBeNull();
  });

  it.each([
    ['the shell’s, where it knows them', at(3), null, at(3)],
    [
      'what was read, where the shell still guesses',
      at(0),
      at(2, { theme: 'dark' }),
      at(2, { theme: 'dark' }),
    ],
    ['the shell’s, if it has a later change', at(3, { theme: 'light' }), at(2), at(3, { theme: 'light' })],
    ['the browser’s, without stored preferences', at(0, { theme: 'dark' }), at(0), at(0, { theme: 'dark' })],
  ])('are %s', (_, shell, read, shown) => {
    expect(whatIsShown(shell, read, [])).toEqual(shown);
  });

  it('show at once what is on its way, by its field only', () => {
    expect(
      whatIsShown(at(3, { language: 'sv-SE' }), null, [
        { theme: 'dark' },
        { notifications: { signIns: false } },
      ]),
    ).toEqual(
      at(3, {
        language: 'sv-SE',
        theme: 'dark',
        notifications: { paymentsReceived: true, paymentsSent: true, signIns: false },
      }),
    );
  });
});
