import * as z from 'zod/mini';
import { contract } from './contract.ts';
import { currency, instant } from './fields.ts';
import { userId } from './ids.ts';
import { avatarActions, avatarEvents } from './profile/avatar.ts';
import { isTimeZone } from './time-zones.ts';
import { dataExportActions, dataExportEvents } from './profile/data-export.ts';
import { detailsActions, detailsEvents } from './profile/details.ts';

export const THEMES = ['light', 'dark', 'system'] as const;
export type Theme = (typeof THEMES)[number];

/** The language (BCP 47) in which dates, times and amounts are formatted; `system` is the browser's. */
export const LANGUAGES = [
  'system',
  'en-GB',
  'en-US',
  'de-DE',
  'es-ES',
  'fr-FR',
  'it-IT',
  'ja-JP',
  'nl-NL',
  'pl-PL',
  'pt-PT',
  'sv-SE',
] as const;
export type Language = (typeof LANGUAGES)[number];

/** Whether a user's browsers may measure and send how the pages were; `unset` has not been asked. */
const MEASURING = ['granted', 'denied', 'unset'] as const;
export type Measuring = (typeof MEASURING)[number];

export const theme = z.enum(THEMES, { error: `must be one of ${THEMES.join(', ')}` });
export const language = z.enum(LANGUAGES, { error: `must be one of ${LANGUAGES.join(', ')}` });
/** The time zone of all times: an IANA name, or `system` for the device's own. */
const timeZone = z.string({ error: 'must be text' }).check(
  z.refine<string>((name) => name === 'system' || isTimeZone(name), {
    error: 'must be `system` or an IANA time zone, such as Europe/Berlin',
  }),
);
const measuring = z.enum(MEASURING, { error: `must be one of ${MEASURING.join(', ')}` });
const yesOrNo = z.boolean({ error: 'must be true or false' });

/** What a user is notified of. Notifications about the account's security cannot be switched off. */
export const notifications = z.object({
  paymentsReceived: yesOrNo,
  paymentsSent: yesOrNo,
  signIns: yesOrNo,
});
export type NotificationPreferences = z.output<typeof notifications>;

export const DEFAULT_NOTIFICATIONS: NotificationPreferences = {
  paymentsReceived: true,
  paymentsSent: true,
  signIns: true,
};

export const preferences = z.object({
  theme,
  language,
  /** Events of older versions are without time zone and currency. */
  timeZone: z._default(timeZone, 'system'),
  /** Chosen beforehand in a new payment; null for that of the last one. Amounts are never converted. */
  currency: z._default(z.nullable(currency), null),
  notifications,
  /** Events of older versions are without it. */
  analytics: z._default(measuring, 'unset'),
  /** Increases by one with every change; 0 before the user's first change. */
  version: z.int(),
});
export type Preferences = z.output<typeof preferences>;

export const profile = contract('profile', {
  actions: {
    ...detailsActions,
    ...avatarActions,
    ...dataExportActions,
    preferences: {
      summary: 'Your preferences',
      http: { route: 'GET /api/profile/preferences', revalidated: true },
      permission: 'signed-in',
      params: z.strictObject({}),
      result: preferences,
      errors: [],
      idempotent: 'read',
      cache: {
        keys: ['caller'],
        lifetimeS: 300,
        clearedBy: [
          { event: 'profile.preferences-changed', callers: ['userId'] },
          { event: 'auth.user-changed', callers: ['id'] },
        ],
      },
    },
    savePreferences: {
      summary: 'Change some of your preferences; omitted fields keep their values',
      http: { route: 'PATCH /api/profile/preferences' },
      permission: 'signed-in',
      params: z.strictObject({
        theme: z.optional(theme),
        language: z.optional(language),
        timeZone: z.optional(timeZone),
        currency: z.optional(z.nullable(currency)),
        analytics: z.optional(measuring),
        notifications: z.optional(
          z.strictObject({
            paymentsReceived: z.optional(yesOrNo),
            paymentsSent: z.optional(yesOrNo),
            signIns: z.optional(yesOrNo),
          }),
        ),
      }),
      result: preferences,
      errors: [],
      idempotent: 'yes',
    },
  },
  events: {
    ...detailsEvents,
    ...avatarEvents,
    ...dataExportEvents,
    preferencesChanged: {
      summary: 'A user changed preferences; carries all of them after the change',
      version: 1,
      subscribers: ['admin', 'realtime'],
      payload: z.extend(preferences, { userId, at: instant }),
    },
  },
});
