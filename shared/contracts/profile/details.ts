import * as z from 'zod/mini';
import { COUNTRIES } from '../countries.ts';
import { displayName, instant, prose } from '../fields.ts';
import { userId } from '../ids.ts';
import { avatarHash } from './avatar.ts';
import { BIOGRAPHY_MAX } from './sizes.ts';

/** E.164: `+`, the country's code, then the number, 15 digits at most. */
const PHONE = /^\+[1-9]\d{6,14}$/;

/** Numbers are stored without what people write between their digits. */
const phone = z.string({ error: 'must be text' }).check(
  z.overwrite((text) => text.replaceAll(/[\s().\-/\u2010-\u2015]/gu, '')),
  z.regex(PHONE, { error: 'must start with + and the country’s code, such as +44 20 7946 0018' }),
);

const addressLine = displayName(120);
const postalCode = displayName(20);
const city = displayName(80);
const country = z.enum(COUNTRIES, { error: 'must be a country’s code of two letters, such as DE' });
const biography = prose(BIOGRAPHY_MAX).check(z.minLength(1, { error: 'must not be empty; null clears it' }));

const personalFields = {
  phone: z.nullable(phone),
  addressLine1: z.nullable(addressLine),
  addressLine2: z.nullable(addressLine),
  postalCode: z.nullable(postalCode),
  city: z.nullable(city),
  country: z.nullable(country),
  biography: z.nullable(biography),
};

/** What users may say of themselves; null is what they have not given. */
const personalData = z.object(personalFields);
export type PersonalData = z.output<typeof personalData>;
export const PERSONAL_FIELDS = Object.keys(personalFields) as (keyof PersonalData)[];

export const details = z.extend(personalData, {
  /** Increases by one with every change; 0 before the user's first change. */
  version: z.int(),
});
export type Details = z.output<typeof details>;

export const detailsWithAvatar = z.extend(details, {
  /** Null where there is none. */
  avatar: z.nullable(avatarHash),
});

export const detailsActions = {
  details: {
    summary: 'Your personal data, and the hash of your avatar',
    http: { route: 'GET /api/profile', revalidated: true },
    permission: 'signed-in',
    params: z.strictObject({}),
    result: detailsWithAvatar,
    errors: [],
    idempotent: 'read',
  },
  saveDetails: {
    summary: 'Change some of your personal data; null clears a field, omitted fields keep their values',
    http: { route: 'PATCH /api/profile' },
    permission: 'signed-in',
    params: z.extend(z.strictObject({ version: z.int({ error: 'must be a whole number' }) }), {
      ...z.partial(personalData).shape,
    }),
    result: details,
    errors: ['profile_changed', 'card_number_refused'],
    idempotent: 'yes',
  },
} as const;

export const detailsEvents = {
  detailsChanged: {
    summary: 'A user changed personal data; names the fields, without their contents',
    version: 1,
    subscribers: ['admin', 'realtime'],
    payload: z.object({ userId, fields: z.array(z.string()), version: z.int(), at: instant }),
  },
} as const;
