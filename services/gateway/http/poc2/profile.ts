import type { Caller } from '../../../../broker/calls/envelope.ts';
import type { ParamsOf, ResultOf } from '../../../../shared/contracts/contract.ts';
import type { UserId } from '../../../../shared/contracts/ids.ts';
import { LANGUAGES, type Preferences, type profile } from '../../../../shared/contracts/profile.ts';
import type { Details } from '../../../../shared/contracts/profile/details.ts';
import { avatarPath } from '../../../../shared/contracts/profile/paths.ts';
import { refuse, type Params } from './params.ts';

type WithAvatar = ResultOf<typeof profile.actions.details>;

/** An address of several fields as the one text that POC-2 has. */
const addressText = ({ addressLine1, addressLine2, postalCode, city, country }: Details): string | null => {
  const place = [postalCode, city].filter(Boolean).join(' ');
  return [addressLine1, addressLine2, place, country].filter(Boolean).join('\n') || null;
};

const avatarOf = (avatar: string | null, id: UserId): string | null =>
  avatar === null ? null : avatarPath(id, avatar);

export const fromDetails = (details: Details, avatar: string | null, { userId }: Caller) => ({
  userId,
  phone: details.phone,
  address: addressText(details),
  bio: details.biography,
  avatarUrl: avatarOf(avatar, userId),
});

const LINES_MAX = 2;

/** A changed address is kept as lines; the same one stays in its fields. */
const toAddress = (given: unknown, known: WithAvatar) => {
  const text = given === '' ? null : given;
  if (text === undefined || text === addressText(known)) return {};
  const none = { postalCode: null, city: null, country: null };
  if (text === null) return { addressLine1: null, addressLine2: null, ...none };
  const lines = String(text)
    .split(/\r?\n/)
    .filter((line) => line.trim() !== '');
  if (lines.length > LINES_MAX) return refuse('address', `must have at most ${LINES_MAX} lines`);
  return { addressLine1: lines[0] ?? null, addressLine2: lines[1] ?? null, ...none };
};

/** An empty text clears a field. */
const textOrNull = (given: unknown): string | null => (given === '' ? null : (given as string | null));

export const toSaveDetails = (
  given: Params,
  known: WithAvatar,
  { userId }: Caller,
): ParamsOf<typeof profile.actions.saveDetails> => {
  const { phoneNumber, phone = phoneNumber, address, bio, avatarUrl } = given;
  if (avatarUrl !== undefined && (avatarUrl || null) !== avatarOf(known.avatar, userId))
    refuse('avatarUrl', 'cannot be set: an avatar is uploaded with PUT /api/profile/avatar');
  return {
    version: known.version,
    ...(phone !== undefined && { phone: textOrNull(phone) }),
    ...(bio !== undefined && { biography: textOrNull(bio) }),
    ...toAddress(address, known),
  };
};

/** POC-2 has channels, we have occasions: its channels are on or off together. */
export const fromPreferences = (given: Preferences) => {
  const { paymentsReceived: isOn } = given.notifications;
  return {
    theme: given.theme,
    ...(given.language !== 'system' && { language: given.language }),
    ...(given.timeZone !== 'system' && { timezone: given.timeZone }),
    ...(given.currency !== null && { currency: given.currency }),
    notifications: { email: isOn, push: isOn, sms: isOn },
  };
};

/** `de` becomes `de-DE`: the first of ours that begins so. English without a country is America's. */
const languageOf = (given: unknown): string => {
  const tag = String(given).toLowerCase();
  const wanted = tag === 'en' ? 'en-us' : tag;
  const isSame = (one: string) => one.toLowerCase() === wanted;
  const isNear = (one: string) => one.toLowerCase().startsWith(`${wanted}-`);
  return LANGUAGES.find(isSame) ?? LANGUAGES.find(isNear) ?? String(given);
};

const notificationsOf = (given: unknown) => {
  const channels = typeof given === 'boolean' ? [given] : Object.values((given ?? {}) as object);
  if (channels.some((on) => typeof on !== 'boolean'))
    return refuse('notifications', 'must be {email, push, sms} of true and false');
  if (channels.length === 0) return undefined;
  const isOn = channels.includes(true);
  return { paymentsReceived: isOn, paymentsSent: isOn, signIns: isOn };
};

export const toSavePreferences = (given: Params): ParamsOf<typeof profile.actions.savePreferences> => {
  const { theme, language, currency, timezone, notifications } = given;
  const notified = notifications === undefined ? undefined : notificationsOf(notifications);
  return {
    ...(theme !== undefined && { theme: theme as Preferences['theme'] }),
    ...(language !== undefined && { language: languageOf(language) as Preferences['language'] }),
    ...(timezone !== undefined && { timeZone: timezone as string }),
    ...(currency !== undefined && {
      currency: (typeof currency === 'string' ? currency.toUpperCase() : currency) as Preferences['currency'],
    }),
    ...(notified && { notifications: notified }),
  };
};
