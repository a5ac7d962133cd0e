import type { Caller } from '../../broker/calls/envelope.ts';
import { subscribe } from '../../broker/events/inbox.ts';
import type { AnyServiceDefinition } from '../../broker/process/service.ts';
import { fakeService } from '../../broker/testing/fake-service.ts';
import { eventually } from '../../broker/testing/eventually.ts';
import { startServices, type TestServices } from '../../broker/testing/start-services.ts';
import { contract, type ParamsOf, type PayloadOf } from '../../shared/contracts/contract.ts';
import { profile } from '../../shared/contracts/profile.ts';
import { NO_DETAILS } from './domain/details.ts';
import { service as profileService } from './profile.service.ts';
import { newUser } from './testing/users.ts';

const { details, saveDetails } = profile.actions;

const received: PayloadOf<typeof profile.events.detailsChanged>[] = [];
const subscriber: AnyServiceDefinition = {
  ...fakeService(contract('subscriber', { actions: {}, events: {} })),
  broadcast: [
    subscribe(profile.events.detailsChanged, async (_service, { payload }) => void received.push(payload)),
  ],
};

let app: TestServices;
beforeAll(async () => {
  app = await startServices([profileService, subscriber]);
});
afterAll(() => app.stop());

const read = async (as: Caller) => {
  const { avatar: _avatar, ...stored } = await app.call(details, {}, { as });
  return stored;
};
const save = (as: Caller, change: ParamsOf<typeof saveDetails>) => app.call(saveDetails, change, { as });
const receivedBy = ({ userId }: Caller) => received.filter((event) => event.userId === userId);

const WHOLE = {
  phone: '+442079460018',
  addressLine1: '12 Analytical Street',
  addressLine2: 'Flat 3',
  postalCode: 'W1 1AA',
  city: 'London',
  country: 'GB',
  biography: 'Mathematician.\nWrites programs.',
};

describe('personal data', () => {
  it('is empty at version 0 before the first change', async () => {
    expect(await read(newUser())).toEqual(NO_DETAILS);
  });

  it('keeps every field, and clears each again with null', async () => {
    const [ada, bob] = [newUser(), newUser()];
    expect(await save(ada, { version: 0, ...WHOLE })).toEqual({ ...WHOLE, version: 1 });
    const left: Record<string, unknown> = { ...WHOLE };
    for (const [index, field] of Object.keys(WHOLE).entries()) {
      left[field] = null;
      const saved = await save(ada, { version: index + 1, [field]: null });
      expect(saved).toEqual({ ...left, version: index + 2 });
      expect(await read(ada)).toEqual(saved);
    }
    expect(await read(bob)).toEqual(NO_DETAILS);
  });

  it('has phone numbers without what people write between their digits', async () => {
    const { phone } = await save(newUser(), { version: 0, phone: ' +44 (20) 7946-0018 ' });
    expect(phone).toBe('+442079460018');
  });

  it('is named in the event field by field, without its contents', async () => {
    const ada = newUser();
    await save(ada, { version: 0, phone: WHOLE.phone, city: 'London' });
    await save(ada, { version: 1, phone: null });
    await eventually(() => expect(receivedBy(ada)).toHaveLength(2));
    const at = expect.any(String) as string;
    expect(receivedBy(ada)).toEqual([
      { userId: ada.userId, fields: ['phone', 'city'], version: 1, at },
      { userId: ada.userId, fields: ['phone'], version: 2, at },
    ]);
    expect(JSON.stringify(receivedBy(ada))).not.toContain('London');
  });

  it('and its event are one transaction: without the event nothing is changed', async () => {
    const ada = newUser();
    const { db } = app.service('profile');
    await db.query('alter table outbox rename to outbox_away');
    try {
      await expect(save(ada, { version: 0, city: 'London' })).rejects.toThrow();
    } finally {
      await db.query('alter table outbox_away rename to outbox');
    }
    expect(await read(ada)).toEqual(NO_DETAILS);
  });
});

describe('a change of an older version', () => {
  it('is refused, and nothing is lost', async () => {
    const ada = newUser();
    await save(ada, { version: 0, city: 'London' });
    await expect(save(ada, { version: 0, city: 'Leeds' })).rejects.toMatchObject({ code: 'profile_changed' });
    expect(await read(ada)).toMatchObject({ city: 'London', version: 1 });
  });

  it('is accepted when it finds its own result: its first answer was lost', async () => {
    const ada = newUser();
    const first = await save(ada, { version: 0, city: 'London' });
    expect(await save(ada, { version: 0, city: 'London' })).toEqual(first);
  });

  it('loses against one that was made at the same time; exactly one is kept', async () => {
    const ada = newUser();
    const cities = ['London', 'Leeds', 'York', 'Bath', 'Ely'];
    for (const version of [0, 1]) {
      const results = await Promise.allSettled(
        cities.map((city) => save(ada, { version, city: `${city} ${version}` })),
      );
      const kept = results.filter(({ status }) => status === 'fulfilled');
      expect(kept).toHaveLength(1);
      for (const result of results)
        if (result.status === 'rejected') expect(result.reason).toMatchObject({ code: 'profile_changed' });
      expect(await read(ada)).toMatchObject({ version: version + 1 });
    }
  });
});

describe('refused', () => {
  it.each([
    ['phone', { phone: '020 7946 0018' }],
    ['phone', { phone: '+0123456789' }],
    ['phone', { phone: `+${'1'.repeat(16)}` }],
    ['phone', { phone: '' }],
    ['country', { country: 'XX' }],
    ['country', { country: 'gb' }],
    ['city', { city: '' }],
    ['city', { city: 'x'.repeat(81) }],
    ['addressLine1', { addressLine1: 'two\nlines' }],
    ['biography', { biography: 'x'.repeat(501) }],
    ['biography', { biography: '' }],
    ['name', { name: 'Ada' }],
  ])('is an invalid field: %s %j', async (path, change) => {
    const ada = newUser();
    await expect(save(ada, { version: 0, ...change })).rejects.toMatchObject({
      code: 'invalid_params',
      data: { errors: [expect.objectContaining({ path })] },
    });
    expect(await read(ada)).toEqual(NO_DETAILS);
  });

  it('is a card number in any text', async () => {
    for (const field of ['biography', 'addressLine1', 'city'])
      await expect(
        save(newUser(), { version: 0, [field]: 'my card 4242 4242 4242 4242' }),
      ).rejects.toMatchObject({
        code: 'card_number_refused',
      });
  });
});
