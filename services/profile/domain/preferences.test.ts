import { DEFAULT_PREFERENCES, merged } from './preferences.ts';

const chosen = { ...DEFAULT_PREFERENCES, theme: 'dark', language: 'sv-SE', version: 7 } as const;

describe('a change of preferences', () => {
  it('changes what it names and one version, and leaves the rest', () => {
    expect(merged(chosen, { language: 'de-DE' })).toEqual({ ...chosen, language: 'de-DE', version: 8 });
  });

  it('changes one kind of notification and leaves the others', () => {
    expect(merged(chosen, { notifications: { signIns: false } })).toEqual({
      ...chosen,
      notifications: { paymentsReceived: true, paymentsSent: true, signIns: false },
      version: 8,
    });
  });

  it('does not take undefined for a choice', () => {
    const change = { theme: undefined, language: 'de-DE', notifications: { signIns: undefined } } as const;
    expect(merged(chosen, change)).toEqual({ ...chosen, language: 'de-DE', version: 8 });
  });

  it.each([
    {},
    { notifications: {} },
    { theme: 'dark' },
    { theme: 'dark', language: 'sv-SE', notifications: { paymentsReceived: true } },
  ] as const)('is none where it says what is so already: %j', (change) => {
    expect(merged(chosen, change)).toBeNull();
  });
});

it('somebody who has chosen nothing follows the system, is told everything, and is at version 0', () => {
  expect(DEFAULT_PREFERENCES).toEqual({
    theme: 'system',
    language: 'system',
    notifications: { paymentsReceived: true, paymentsSent: true, signIns: true },
    version: 0,
  });
});
