import { DEFAULT_PREFERENCES, merged } from './preferences.ts';

const chosen = { ...DEFAULT_PREFERENCES, theme: 'dark', language: 'sv-SE', version: 7 } as const;

describe('a change of preferences', () => {
  it('replaces the given fields and increments the version', () => {
    expect(merged(chosen, { language: 'de-DE' })).toEqual({ ...chosen, language: 'de-DE', version: 8 });
  });

  it('can change one kind of notification', () => {
    expect(merged(chosen, { notifications: { signIns: false } })).toEqual({
      ...chosen,
      notifications: { paymentsReceived: true, paymentsSent: true, signIns: false },
      version: 8,
    });
  });

  it('treats undefined as absent', () => {
    const change = { theme: undefined, language: 'de-DE', notifications: { signIns: undefined } } as const;
    expect(merged(chosen, change)).toEqual({ ...chosen, language: 'de-DE', version: 8 });
  });

  it.each([
    {},
    { notifications: {} },
    { theme: 'dark' },
    { theme: 'dark', language: 'sv-SE', notifications: { paymentsReceived: true } },
  ] as const)('is null when nothing changes: %j', (change) => {
    expect(merged(chosen, change)).toBeNull();
  });
});

it('the defaults are the system’s theme and language, all notifications, and version 0', () => {
  expect(DEFAULT_PREFERENCES).toEqual({
    theme: 'system',
    language: 'system',
    timeZone: 'system',
    currency: null,
    notifications: { paymentsReceived: true, paymentsSent: true, signIns: true },
    analytics: 'unset',
    version: 0,
  });
});
