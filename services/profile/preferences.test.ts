import type { Caller } from '../../broker/calls/envelope.ts';
import { subscribe } from '../../broker/events/inbox.ts';
import { newId } from '../../broker/process/ids.ts';
import type { AnyServiceDefinition } from '../../broker/process/service.ts';
import { fakeService } from '../../broker/testing/fake-service.ts';
import { eventually } from '../../broker/testing/eventually.ts';
import { startServices, type TestServices } from '../../broker/testing/start-services.ts';
import { contract, type ParamsOf, type PayloadOf } from '../../shared/contracts/contract.ts';
import { profile } from '../../shared/contracts/profile.ts';
import { service as profileService } from './profile.service.ts';
import { newUser } from './testing/users.ts';

const { preferences, savePreferences } = profile.actions;
const DEFAULTS = {
  theme: 'system',
  language: 'system',
  timeZone: 'system',
  currency: null,
  notifications: { paymentsReceived: true, paymentsSent: true, signIns: true },
  analytics: 'unset',
  version: 0,
};

const received: PayloadOf<typeof profile.events.preferencesChanged>[] = [];
const subscriber: AnyServiceDefinition = {
  ...fakeService(contract('subscriber', { actions: {}, events: {} })),
  broadcast: [
    subscribe(
      profile.events.preferencesChanged,
      async (_service, { payload }) => void received.push(payload),
    ),
  ],
};

let app: TestServices;
beforeAll(async () => {
  app = await startServices([profileService, subscriber]);
});
afterAll(() => app.stop());

const read = (as: Caller) => app.call(preferences, {}, { as });
const save = (as: Caller, change: ParamsOf<typeof savePreferences>) =>
  app.call(savePreferences, change, { as });
const db = () => app.service('profile').db;
const receivedBy = ({ userId }: Caller) => received.filter((event) => event.userId === userId);

/** Resolves when `count` statements of the service wait for a lock. */
const waiting = (count: number) =>
  eventually(async () => {
    const rows = await db().query(
      `select 1 from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock' and query like '%preferences%'`,
    );
    return rows.length === count;
  });

describe('preferences', () => {
  it('are kept, and what was saved is read at once, by its user alone', async () => {
    const [ada, bob] = [newUser(), newUser()];
    await save(ada, { theme: 'dark' });
    await save(bob, { theme: 'light' });
    // An event invalidates once more when it leaves the outbox.
    await eventually(async () => (await db().query('select 1 from outbox')).length === 0);
    const themes = async () => [(await read(ada)).theme, (await read(bob)).theme];
    expect(await themes()).toEqual(['dark', 'light']);
    // Changed past the service: only a kept answer still shows the former value.
    await db().query(`update preferences set theme = 'system'`);
    expect(await themes()).toEqual(['dark', 'light']);
    for (const theme of ['light', 'dark', 'light', 'dark'] as const) {
      await save(ada, { theme });
      expect((await read(ada)).theme).toBe(theme);
    }
    expect((await read(bob)).theme).toBe('light');
  });

  it('are the defaults, at version 0 and without a row, before the first change', async () => {
    const ada = newUser();
    expect(await read(ada)).toEqual(DEFAULTS);
    expect(await db().query('select 1 from preferences where user_id = $1', [ada.userId])).toEqual([]);
  });

  it('change in the given fields, for this user only', async () => {
    const [ada, bob] = [newUser(), newUser()];
    await save(ada, { theme: 'dark' });
    const saved = await save(ada, { notifications: { signIns: false } });
    expect(saved).toEqual({
      theme: 'dark',
      language: 'system',
      timeZone: 'system',
      currency: null,
      notifications: { paymentsReceived: true, paymentsSent: true, signIns: false },
      analytics: 'unset',
      version: 2,
    });
    expect(await read(ada)).toEqual(saved);
    expect(await read(bob)).toEqual(DEFAULTS);
  });

  it('are published in full with each change', async () => {
    const ada = newUser();
    const first = await save(ada, { language: 'de-DE' });
    const second = await save(ada, { theme: 'light' });
    await eventually(() => expect(receivedBy(ada)).toHaveLength(2));
    const at = expect.any(String) as string;
    expect(receivedBy(ada).toSorted((a, b) => a.version - b.version)).toEqual([
      { ...first, userId: ada.userId, at },
      { ...second, userId: ada.userId, at },
    ]);
  });

  it('keep their version and publish nothing when a change has no effect', async () => {
    const ada = newUser();
    expect(await save(ada, { theme: 'system', notifications: { paymentsSent: true } })).toEqual(DEFAULTS);
    const chosen = await save(ada, { theme: 'dark' });
    expect(await save(ada, { theme: 'dark' })).toEqual(chosen);
    expect(await save(ada, {})).toEqual(chosen);
    const last = await save(ada, { theme: 'light' });
    await eventually(() => receivedBy(ada).some(({ version }) => version === last.version));
    expect(receivedBy(ada)).toHaveLength(2);
    expect(last.version).toBe(2);
  });

  it('and their event are one transaction: without the event nothing is changed', async () => {
    const ada = newUser();
    await db().query('alter table outbox rename to outbox_away');
    try {
      await expect(save(ada, { theme: 'dark' })).rejects.toThrow();
    } finally {
      await db().query('alter table outbox_away rename to outbox');
    }
    expect(await read(ada)).toEqual(DEFAULTS);
  });
});

describe('concurrent changes', () => {
  it('of different fields are all kept', async () => {
    const ada = newUser();
    await save(ada, { theme: 'dark' });
    const locked = db().transaction(async (tx) => {
      await tx.query('select 1 from preferences where user_id = $1 for update', [ada.userId]);
      const both = [save(ada, { language: 'ja-JP' }), save(ada, { notifications: { paymentsSent: false } })];
      await waiting(2);
      return both;
    });
    const versions = (await Promise.all(await locked)).map(({ version }) => version);
    expect(versions.sort()).toEqual([2, 3]);
    expect(await read(ada)).toEqual({
      theme: 'dark',
      language: 'ja-JP',
      timeZone: 'system',
      currency: null,
      notifications: { paymentsReceived: true, paymentsSent: false, signIns: true },
      analytics: 'unset',
      version: 3,
    });
    await eventually(() => expect(receivedBy(ada)).toHaveLength(3));
  });

  it('are all kept when they are the first ones', async () => {
    const ada = newUser();
    const second = await db().transaction(async (tx) => {
      await tx.query(
        `insert into preferences (user_id, theme, language, notify_payments_received, notify_payments_sent,
           notify_sign_ins, version, updated_at)
         values ($1, 'dark', 'system', true, true, true, 1, now())`,
        [ada.userId],
      );
      const saving = save(ada, { language: 'fr-FR' });
      await waiting(1);
      return { saving };
    });
    expect(await second.saving).toEqual({ ...DEFAULTS, theme: 'dark', language: 'fr-FR', version: 2 });
  });

  it('are all kept when many are the first ones, each with its own version', async () => {
    const ada = newUser();
    const changes = [
      { theme: 'dark' },
      { language: 'pl-PL' },
      { notifications: { paymentsReceived: false } },
      { notifications: { paymentsSent: false } },
      { notifications: { signIns: false } },
    ] as const;
    const saved = await Promise.all(changes.map((change) => save(ada, change)));
    expect(saved.map(({ version }) => version).sort()).toEqual([1, 2, 3, 4, 5]);
    expect(await read(ada)).toEqual({
      theme: 'dark',
      language: 'pl-PL',
      timeZone: 'system',
      currency: null,
      analytics: 'unset',
      notifications: { paymentsReceived: false, paymentsSent: false, signIns: false },
      version: 5,
    });
  });
});

describe('refused', () => {
  it('is a caller without a session', async () => {
    await expect(app.call(preferences, {})).rejects.toMatchObject({ code: 'unauthenticated' });
    await expect(app.call(savePreferences, { theme: 'dark' })).rejects.toMatchObject({
      code: 'unauthenticated',
    });
  });

  it.each([
    ['theme', { theme: 'sepia' }],
    ['language', { language: 'xx-XX' }],
    ['language', { language: null }],
    ['notifications.signIns', { notifications: { signIns: 'no' } }],
    ['notifications.jokes', { notifications: { jokes: true } }],
    ['version', { version: 9 }],
    ['userId', { userId: newId('user', 0), theme: 'dark' }],
  ])('is an invalid field: %s', async (path, change) => {
    const ada = newUser();
    await expect(save(ada, change as never)).rejects.toMatchObject({
      code: 'invalid_params',
      data: { errors: [expect.objectContaining({ path })] },
    });
    expect(await read(ada)).toEqual(DEFAULTS);
  });
});
