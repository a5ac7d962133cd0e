import { DEFAULT_NOTIFICATIONS, type Preferences } from '../../../../shared/contracts/profile.ts';
import { createChanges } from './pending-changes.ts';

const START: Preferences = {
  theme: 'system',
  language: 'system',
  timeZone: 'system',
  currency: null,
  notifications: DEFAULT_NOTIFICATIONS,
  analytics: 'unset',
  version: 3,
};

describe('what is shown of preferences', () => {
  it('has a change before the server has it, and the rest as it was', () => {
    const changes = createChanges(START);
    changes.begin({ theme: 'dark' });
    changes.begin({ notifications: { signIns: false } });
    expect(changes.shown()).toEqual({
      ...START,
      theme: 'dark',
      notifications: { ...DEFAULT_NOTIFICATIONS, signIns: false },
    });
  });

  it('keeps a later change when an earlier one is confirmed', () => {
    const changes = createChanges(START);
    const theme = { theme: 'dark' } as const;
    changes.begin(theme);
    changes.begin({ language: 'de-DE' });
    changes.confirm({ ...START, theme: 'dark', version: 4 });
    changes.end(theme);
    expect(changes.shown()).toMatchObject({ theme: 'dark', language: 'de-DE', version: 4 });
  });

  it('loses only what failed', () => {
    const changes = createChanges(START);
    const theme = { theme: 'dark' } as const;
    changes.begin(theme);
    changes.begin({ language: 'de-DE' });
    changes.end(theme);
    expect(changes.shown()).toMatchObject({ theme: 'system', language: 'de-DE' });
  });

  it('does not go back to an older version, whichever way that came', () => {
    const changes = createChanges(START);
    changes.confirm({ ...START, theme: 'light', version: 5 });
    changes.confirm({ ...START, theme: 'dark', version: 4 });
    expect(changes.shown().theme).toBe('light');
  });

  it('starts again for another user with a lower version', () => {
    const changes = createChanges({ ...START, theme: 'dark' });
    changes.begin({ language: 'de-DE' });
    changes.reset({ ...START, version: 0 });
    expect(changes.shown()).toEqual({ ...START, version: 0 });
  });
});
