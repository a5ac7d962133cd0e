import * as z from 'zod/mini';
import { reason } from '../auth/fields.ts';
import { brokenLimit, CURRENCIES, CURRENCY_RULES, type Currency } from '../currencies.ts';
import { currency, instant, wholeNumber } from '../fields.ts';
import { approvalId, userId } from '../ids.ts';

const onOrOff = z.boolean({ error: 'must be true or false' });

/** The largest amount of one payment in minor units, by currency; that of the currency itself elsewhere. */
export type LargestAmounts = Readonly<Partial<Record<Currency, number>>>;

/** As it is stored, and read after the limits of currencies have changed. */
const storedAmounts = z.partialRecord(currency, z.int());

/** A largest amount is an amount that can be paid: it never exceeds the limit of its currency. */
const largestAmounts = z
  .partialRecord(currency, z.int({ error: 'must be a whole number of minor units' }), {
    error: 'must be largest amounts by currency',
  })
  .check((payload) => {
    for (const [code, amountMinor] of Object.entries(payload.value)) {
      const broken = brokenLimit(amountMinor, code as Currency);
      if (!broken) continue;
      const words = {
        amount_under_limit: 'at least',
        amount_over_limit: 'at most',
        amount_step: 'a multiple of',
      };
      payload.issues.push({
        ...{ code: 'custom', input: amountMinor, path: [code], params: { code: broken.code } },
        message: `must be ${words[broken.code]} ${broken.limitMinor}`,
      });
    }
  });

export type Settings = {
  paymentsStopped: boolean;
  signUpsStopped: boolean;
  largestAmounts: LargestAmounts;
};
export type SettingKey = keyof Settings;
export type SettingValue = Settings[SettingKey];

type Setting<V> = {
  /** The values that it can be given. */
  schema: z.ZodMiniType<V>;
  /** Its value until it is changed for the first time. */
  initial: V;
  /** Whether a change gives back what was stopped or limited; one that does not takes effect at once. */
  loosens(before: V, after: V): boolean;
};

const stop: Setting<boolean> = {
  schema: onOrOff,
  initial: false,
  loosens: (before, after) => before && !after,
};

const limitOf = (amounts: LargestAmounts, code: Currency): number =>
  amounts[code] ?? CURRENCY_RULES[code].maxMinor;

/** All settings. To add one, name it in `Settings` and here. */
export const SETTINGS: { readonly [K in SettingKey]: Setting<Settings[K]> } = {
  paymentsStopped: stop,
  signUpsStopped: stop,
  largestAmounts: {
    schema: largestAmounts,
    initial: {},
    loosens: (before, after) => CURRENCIES.some((code) => limitOf(after, code) > limitOf(before, code)),
  },
};
export const SETTING_KEYS = Object.keys(SETTINGS) as [SettingKey, ...SettingKey[]];

/**
 * Whether a change starts again what was stopped, or raises a limit. Such a change weighs as much as a grant
 * of ADMIN; one that stops or lowers is an emergency brake and waits for nobody.
 */
export const loosens = (key: SettingKey, before: SettingValue, after: SettingValue): boolean =>
  SETTINGS[key].loosens(before as never, after as never);

export const settingKey = z.enum(SETTING_KEYS, { error: `must be one of ${SETTING_KEYS.join(', ')}` });
/** A value of any setting, as it is stored. */
export const settingValue = z.union([z.boolean(), storedAmounts]);

export const settingChanger = z.object({ id: userId, name: z.string() });

const state = <V extends z.ZodMiniType>(value: V) =>
  z.object({
    value,
    /** Grows by one with each change; 0 before the first one. */
    version: z.int(),
    /** Who changed it last, and when; null before the first change. */
    changedBy: z.nullable(settingChanger),
    changedAt: z.nullable(instant),
  });

const stopState = state(z.boolean());

export const settingStates = z.object({
  paymentsStopped: stopState,
  signUpsStopped: stopState,
  largestAmounts: state(storedAmounts),
});
export type SettingStates = z.output<typeof settingStates>;

/** One change in the history of a setting. */
export const settingChange = z.object({
  key: settingKey,
  before: settingValue,
  after: settingValue,
  /** The version that it made. */
  version: z.int(),
  by: settingChanger,
  reason: z.string(),
  /** The request that another administrator approved; null for a change that took effect at once. */
  approvalId: z.nullable(approvalId),
  at: instant,
});
export type SettingChange = z.output<typeof settingChange>;

export const publicSettings = z.object({
  paymentsStopped: z.boolean(),
  signUpsStopped: z.boolean(),
  largestAmounts: storedAmounts,
});
export type PublicSettings = z.output<typeof publicSettings>;

const changeParams = z
  .strictObject({
    key: settingKey,
    value: z.union([onOrOff, z.record(z.string(), z.number())]),
    /** The version that the change is based on. */
    version: wholeNumber(0, 1_000_000_000),
    reason,
  })
  .check((payload) => {
    const { key, value } = payload.value;
    const checked = SETTINGS[key].schema.safeParse(value);
    if (checked.success) return;
    for (const issue of checked.error.issues)
      payload.issues.push({ ...issue, input: value, path: ['value', ...issue.path] } as never);
  });

export const settingActions = {
  publicSettings: {
    summary: 'What is stopped, and the largest amounts: for everybody',
    http: { route: 'GET /api/settings', revalidated: true },
    permission: 'anyone',
    params: z.strictObject({}),
    result: publicSettings,
    errors: [],
    idempotent: 'read',
  },
  settings: {
    summary: 'All settings with their versions, and who changed them last',
    http: { route: 'GET /api/admin/settings', revalidated: true },
    permission: ['ADMIN'],
    params: z.strictObject({}),
    result: settingStates,
    errors: [],
    idempotent: 'read',
    // What everybody may read, and an open page reads it at each change.
    recorded: false,
  },
  settingChanges: {
    summary: 'The history of a setting, newest first',
    http: { route: 'GET /api/admin/settings/:key/changes' },
    permission: ['ADMIN'],
    params: z.strictObject({
      key: settingKey,
      limit: z._default(wholeNumber(1, 100), 25),
      cursor: z.optional(z.string().check(z.maxLength(200))),
    }),
    result: z.object({ items: z.array(settingChange), nextCursor: z.nullable(z.string()) }),
    errors: ['invalid_cursor'],
    idempotent: 'read',
    recorded: false,
  },
  changeSetting: {
    summary: 'Change a setting',
    http: { route: 'PUT /api/admin/settings/:key' },
    permission: ['ADMIN'],
    params: changeParams,
    result: z.object({ key: settingKey, value: settingValue, version: z.int() }),
    errors: ['setting_changed', 'approval_needed', 'card_number_refused'],
    idempotent: 'yes',
  },
  settingCopies: {
    summary: 'Settings that were changed, by key, for copies',
    permission: 'services',
    params: z.union([
      z.strictObject({ after: z._default(z.string(), ''), limit: z._default(wholeNumber(1, 1_000), 1_000) }),
      z.strictObject({ ids: z.array(z.string()) }),
    ]),
    result: z.object({
      items: z.array(z.object({ id: settingKey, version: z.int(), value: settingValue })),
    }),
    errors: [],
    idempotent: 'read',
  },
} as const;

export const settingEvents = {
  settingChanged: {
    summary: 'A setting was changed by an administrator, at once or after the approval of another one',
    version: 1,
    subscribers: ['admin', 'auth', 'payments'],
    payload: z.object({
      key: settingKey,
      value: settingValue,
      previousValue: settingValue,
      version: z.int(),
      by: userId,
      reason: z.string(),
      approvalId: z.nullable(approvalId),
      at: instant,
    }),
  },
  settingChangeVoided: {
    summary: 'An approved change was not made, because the setting had been changed since it was asked for',
    version: 1,
    subscribers: ['admin', 'realtime'],
    payload: z.object({
      key: settingKey,
      /** What was approved, and the version that it was based on. */
      value: settingValue,
      version: z.int(),
      approvalId,
      by: userId,
      reason: z.string(),
      at: instant,
    }),
  },
} as const;
