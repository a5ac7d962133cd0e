import sharp from 'sharp';
import type { Caller } from '../../broker/calls/envelope.ts';
import { subscribe } from '../../broker/events/inbox.ts';
import type { AnyServiceDefinition } from '../../broker/process/service.ts';
import { fakeService } from '../../broker/testing/fake-service.ts';
import { eventually } from '../../broker/testing/eventually.ts';
import { startServices, type TestServices } from '../../broker/testing/start-services.ts';
import { contract, type PayloadOf } from '../../shared/contracts/contract.ts';
import { profile } from '../../shared/contracts/profile.ts';
import { AVATAR_MAX_BYTES } from '../../shared/contracts/profile/sizes.ts';
import { service as profileService } from './profile.service.ts';
import { newUser } from './testing/users.ts';

const { avatar, avatars, details, removeAvatar, uploadAvatar } = profile.actions;

const received: PayloadOf<typeof profile.events.avatarChanged>[] = [];
const subscriber: AnyServiceDefinition = {
  ...fakeService(contract('subscriber', { actions: {}, events: {} })),
  broadcast: [
    subscribe(profile.events.avatarChanged, async (_service, { payload }) => void received.push(payload)),
  ],
};

let app: TestServices;
beforeAll(async () => {
  app = await startServices([profileService, subscriber]);
});
afterAll(() => app.stop());

const send = (as: Caller, bytes: Buffer, last: boolean, cursor?: string) => {
  const data = bytes.toString('base64');
  return app.call(uploadAvatar, { data, last, ...(cursor === undefined ? {} : { cursor }) }, { as });
};
/** Uploads in parts, as the gateway does. */
const upload = async (as: Caller, bytes: Buffer, partBytes = 196_608): Promise<void> => {
  let cursor: string | undefined;
  for (let start = 0; ; start += partBytes) {
    const last = start + partBytes >= bytes.length;
    const answer = await send(as, bytes.subarray(start, start + partBytes), last, cursor);
    if (last) return;
    cursor = answer.nextCursor ?? undefined;
  }
};
const read = async (id: Caller['userId']) => {
  const { data, hash } = await app.call(avatar, { id }, { as: newUser() });
  return { image: Buffer.from(data, 'base64'), hash };
};
const partsOf = ({ userId }: Caller) =>
  app.service('profile').db.query('select part from avatar_parts where user_id = $1', [userId]);

/** Left half red, right half blue. */
const halves = (width = 600, height = 400) =>
  sharp({ create: { width, height, channels: 3, background: 'red' } }).composite([
    { input: { create: { width: width / 2, height, channels: 3, background: 'blue' } }, gravity: 'east' },
  ]);
const noise = (side: number) =>
  sharp({
    create: {
      width: side,
      height: side,
      channels: 3,
      background: 'red',
      noise: { type: 'gaussian', mean: 128, sigma: 60 },
    },
  });

/** Whether a pixel is red, at a fraction of the image's sides. */
const isRedAt = async (image: Buffer, x: number, y: number): Promise<boolean> => {
  const { data, info } = await sharp(image).raw().toBuffer({ resolveWithObject: true });
  const at = (Math.floor(y * info.height) * info.width + Math.floor(x * info.width)) * info.channels;
  return (data[at] ?? 0) > (data[at + 2] ?? 0);
};

describe('an avatar', () => {
  it.each(['png', 'jpeg', 'webp'] as const)('is made of the middle of a %s image', async (format) => {
    const ada = newUser();
    await upload(ada, await halves().toFormat(format).toBuffer());
    const { image, hash } = await read(ada.userId);
    const { format: stored, width, height } = await sharp(image).metadata();
    expect({ stored, width, height }).toEqual({ stored: 'webp', width: 256, height: 256 });
    expect([await isRedAt(image, 0.1, 0.5), await isRedAt(image, 0.9, 0.5)]).toEqual([true, false]);
    expect(await app.call(details, {}, { as: ada })).toMatchObject({ avatar: hash, version: 0 });
  });

  it('is found by other users, with those of others in one request', async () => {
    const [ada, bob, eve] = [newUser(), newUser(), newUser()];
    for (const owner of [ada, bob]) await upload(owner, await halves().png().toBuffer());
    const ids = [eve, bob, ada].map(({ userId }) => userId);
    const { items } = await app.call(avatars, { userIds: ids.join(',') }, { as: eve });
    const { hash } = await read(ada.userId);
    expect(new Map(items.map((one) => [one.userId, one.hash]))).toEqual(
      new Map([
        [ada.userId, hash],
        [bob.userId, hash],
      ]),
    );
    for (const userIds of ['', 'usr_1', Array.from({ length: 51 }, () => ada.userId).join(',')])
      await expect(app.call(avatars, { userIds }, { as: eve })).rejects.toMatchObject({
        code: 'invalid_params',
      });
  });

  it('stands upright and has no metadata, so not the place where it was taken', async () => {
    const ada = newUser();
    const exif = { IFD0: { Artist: 'Ada' }, IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '51/1 30/1 0/1' } };
    const turned = await halves().jpeg().withExif(exif).withMetadata({ orientation: 6 }).toBuffer();
    expect((await sharp(turned).metadata()).exif).toBeDefined();
    await upload(ada, turned);
    const { image } = await read(ada.userId);
    const { exif: kept, xmp, icc, orientation } = await sharp(image).metadata();
    expect({ kept, xmp, icc, orientation }).toEqual({});
    // Turned by a quarter to the right: what was on the left is at the top.
    expect([await isRedAt(image, 0.5, 0.1), await isRedAt(image, 0.5, 0.9)]).toEqual([true, false]);
  });

  it('arrives in parts, whatever their number', async () => {
    const ada = newUser();
    const bytes = await noise(1_200).png().toBuffer();
    expect(bytes.length).toBeGreaterThan(2_000_000);
    await upload(ada, bytes);
    expect((await read(ada.userId)).image.length).toBeLessThan(40_000);
    expect(await partsOf(ada)).toEqual([]);
  });

  it('is replaced and removed with an event each; the same one again is none', async () => {
    const ada = newUser();
    const [red, blue] = await Promise.all(
      ['red', 'blue'].map((background) =>
        sharp({ create: { width: 9, height: 9, channels: 3, background } })
          .png()
          .toBuffer(),
      ),
    );
    await upload(ada, red!);
    const first = await read(ada.userId);
    await upload(ada, red!);
    await upload(ada, blue!);
    const second = await read(ada.userId);
    await app.call(removeAvatar, {}, { as: ada });
    await app.call(removeAvatar, {}, { as: ada });
    await expect(read(ada.userId)).rejects.toMatchObject({ code: 'avatar_not_found' });
    const own = () => received.filter(({ userId }) => userId === ada.userId).map(({ hash }) => hash);
    await eventually(() => expect(own()).toHaveLength(3));
    expect(own()).toEqual([first.hash, second.hash, null]);
  });
});

describe('refused', () => {
  it.each([
    ['text', Buffer.from('no image')],
    ['nothing', Buffer.alloc(0)],
    ['GIF', Buffer.from('GIF89a')],
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['TIFF', Buffer.from('II*\0')],
    ['PDF', Buffer.from('%PDF-1.7')],
  ])('is %s, by its first bytes', async (_name, bytes) => {
    const ada = newUser();
    await expect(upload(ada, bytes)).rejects.toMatchObject({ code: 'image_unsupported' });
    expect(await partsOf(ada)).toEqual([]);
  });

  it('is a damaged image, and the one before stays', async () => {
    const ada = newUser();
    const whole = await noise(300).png().toBuffer();
    await upload(ada, whole);
    const { hash } = await read(ada.userId);
    const cut = whole.subarray(0, whole.length / 2);
    const zeros = Buffer.concat([whole.subarray(0, 40), Buffer.alloc(1_000)]);
    for (const bytes of [cut, zeros])
      await expect(upload(ada, bytes)).rejects.toMatchObject({ code: 'image_unreadable' });
    expect((await read(ada.userId)).hash).toBe(hash);
    expect(await partsOf(ada)).toEqual([]);
  });

  it('is a small file with more pixels than may be decoded', async () => {
    const bomb = await sharp({ create: { width: 9_000, height: 6_000, channels: 3, background: 'red' } })
      .png()
      .toBuffer();
    expect(bomb.length).toBeLessThan(1_000_000);
    const deep = sharp({ create: { width: 6_000, height: 4_000, channels: 4, background: 'red' } });
    const deepBomb = await deep.toColourspace('rgb16').png().toBuffer();
    await expect(upload(newUser(), deepBomb)).rejects.toMatchObject({ code: 'image_too_large' });
    await expect(upload(newUser(), bomb)).rejects.toMatchObject({ code: 'image_too_large' });
  });

  it('is more than 5 MiB, also when the parts are small', async () => {
    const ada = newUser();
    const start = await noise(10).png().toBuffer();
    const large = Buffer.concat([start, Buffer.alloc(AVATAR_MAX_BYTES - start.length + 1)]);
    await expect(upload(ada, large)).rejects.toMatchObject({ code: 'body_too_large' });
  });

  it('is a part that does not follow the one before, or of another user', async () => {
    const [ada, bob] = [newUser(), newUser()];
    const bytes = await noise(20).png().toBuffer();
    const { nextCursor } = await send(ada, bytes, false);
    const [upload = ''] = nextCursor?.split('.') ?? [];
    for (const cursor of ['x', `${upload}.2`, `${upload}.9999`])
      await expect(send(ada, bytes, true, cursor)).rejects.toMatchObject({ code: 'upload_interrupted' });
    await expect(send(bob, bytes, true, nextCursor ?? '')).rejects.toMatchObject({
      code: 'upload_interrupted',
    });
    await send(ada, bytes, false);
    await expect(send(ada, bytes, true, nextCursor ?? '')).rejects.toMatchObject({
      code: 'upload_interrupted',
    });
  });
});
