import type { Queryable } from '../../../broker/postgres/database.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import type { NotificationPreferences } from '../../../shared/contracts/profile.ts';

type Row = { user_id: UserId; payments_received: boolean; payments_sent: boolean; sign_ins: boolean };

export const savePreferences = async (
  db: Queryable,
  userId: UserId,
  { paymentsReceived, paymentsSent, signIns }: NotificationPreferences,
): Promise<void> => {
  await db.query(
    `insert into notification_preferences (user_id, payments_received, payments_sent, sign_ins)
     values ($1, $2, $3, $4)
     on conflict (user_id) do update set payments_received = excluded.payments_received,
       payments_sent = excluded.payments_sent, sign_ins = excluded.sign_ins`,
    [userId, paymentsReceived, paymentsSent, signIns],
  );
};

/** The notification preferences of those of these users who have stored any. */
export const readPreferences = async (
  db: Queryable,
  userIds: readonly UserId[],
): Promise<Map<UserId, NotificationPreferences>> => {
  const rows = await db.query<Row>('select * from notification_preferences where user_id = any($1)', [
    userIds,
  ]);
  return new Map(
    rows.map((row) => [
      row.user_id,
      { paymentsReceived: row.payments_received, paymentsSent: row.payments_sent, signIns: row.sign_ins },
    ]),
  );
};
