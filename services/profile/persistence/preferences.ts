import type { Queryable, Transaction } from '../../../broker/postgres/database.ts';
import type { Currency } from '../../../shared/contracts/currencies.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import type { Language, Measuring, Preferences, Theme } from '../../../shared/contracts/profile.ts';

type PreferencesRow = {
  theme: Theme;
  language: Language;
  time_zone: string;
  currency: Currency | null;
  notify_payments_received: boolean;
  notify_payments_sent: boolean;
  notify_sign_ins: boolean;
  analytics: Measuring;
  version: number;
};

const COLUMNS = `theme, language, time_zone, currency, notify_payments_received, notify_payments_sent,
  notify_sign_ins, analytics, version`;

const toPreferences = (row: PreferencesRow): Preferences => ({
  theme: row.theme,
  language: row.language,
  timeZone: row.time_zone,
  currency: row.currency,
  notifications: {
    paymentsReceived: row.notify_payments_received,
    paymentsSent: row.notify_payments_sent,
    signIns: row.notify_sign_ins,
  },
  analytics: row.analytics,
  version: row.version,
});

const valuesOf = (userId: UserId, preferences: Preferences, at: Date) => {
  const { theme, language, timeZone, currency, notifications, analytics, version } = preferences;
  const { paymentsReceived, paymentsSent, signIns } = notifications;
  const wanted = [paymentsReceived, paymentsSent, signIns];
  return [userId, theme, language, timeZone, currency, ...wanted, analytics, version, at];
};

/** A user's stored preferences, or null. */
export const findPreferences = async (db: Queryable, userId: UserId): Promise<Preferences | null> => {
  const [row] = await db.query<PreferencesRow>(`select ${COLUMNS} from preferences where user_id = $1`, [
    userId,
  ]);
  return row ? toPreferences(row) : null;
};

/** A user's stored preferences, locked until the transaction ends; null when there is no row. */
export const lockPreferences = async (tx: Transaction, userId: UserId): Promise<Preferences | null> => {
  const [row] = await tx.query<PreferencesRow>(
    `select ${COLUMNS} from preferences where user_id = $1 for update`,
    [userId],
  );
  return row ? toPreferences(row) : null;
};

/** Inserts a user's first preferences; returns false when there is a row. */
export const insertPreferences = async (
  tx: Transaction,
  userId: UserId,
  preferences: Preferences,
  at: Date,
): Promise<boolean> => {
  const inserted = await tx.query(
    `insert into preferences (user_id, ${COLUMNS}, updated_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
     on conflict (user_id) do nothing returning user_id`,
    valuesOf(userId, preferences, at),
  );
  return inserted.length > 0;
};

/** Replaces the row that `lockPreferences` has locked. */
export const updatePreferences = async (
  tx: Transaction,
  userId: UserId,
  preferences: Preferences,
  at: Date,
): Promise<void> => {
  await tx.query(
    `update preferences set theme = $2, language = $3, time_zone = $4, currency = $5,
       notify_payments_received = $6, notify_payments_sent = $7, notify_sign_ins = $8, analytics = $9,
       version = $10, updated_at = $11
     where user_id = $1`,
    valuesOf(userId, preferences, at),
  );
};
