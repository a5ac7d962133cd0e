import * as z from 'zod/mini';
import { contract } from './contract.ts';
import { instant } from './fields.ts';
import { userId } from './ids.ts';

export const THEMES = ['light', 'dark', 'system'] as const;
export type Theme = (typeof THEMES)[number];

/** How dates, times and amounts are written (BCP 47); `system` as the browser does. */
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

const theme = z.enum(THEMES, { error: `must be one of ${THEMES.join(', ')}` });
const language = z.enum(LANGUAGES, { error: `must be one of ${LANGUAGES.join(', ')}` });
const yesOrNo = z.boolean({ error: 'must be true or false' });

/** What a person is notified of; what threatens the account is always told. */
const notifications = z.object({
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
  notifications,
  /** Grows by one with every change; 0 until somebody has chosen something. */
  version: z.int(),
});
export type Preferences = z.output<typeof preferences>;

export const profile = contract('profile', {
  actions: {
    preferences: {
      summary: 'Your preferences',
      http: { route: 'GET /api/profile/preferences' },
      permission: 'signed-in',
      params: z.strictObject({}),
      result: preferences,
      errors: [],
      idempotent: 'read',
    },
    savePreferences: {
      summary: 'Change some of your preferences; what is not named stays',
      http: { route: 'PATCH /api/profile/preferences' },
      permission: 'signed-in',
      params: z.strictObject({
        theme: z.optional(theme),
        language: z.optional(language),
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
    preferencesChanged: {
      summary: 'A user changed preferences; tells them as they are now',
      version: 1,
      payload: z.extend(preferences, { userId, at: instant }),
    },
  },
});
