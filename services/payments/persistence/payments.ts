import type { PaymentId, UserId } from '../../../shared/contracts/ids.ts';
import type { Currency } from '../../../shared/contracts/currencies.ts';
import type { Payment, PaymentStatus, TimelineEntry } from '../../../shared/contracts/payments.ts';
import type { Role } from '../../../shared/contracts/roles.ts';
import { brandOf } from '../../../shared/contracts/test-cards.ts';
import type { Queryable } from '../../../broker/postgres/database.ts';

/** A row of `payments`. */
export type PaymentRow = {
  id: PaymentId;
  payer_id: UserId;
  payee_id: UserId;
  amount_minor: string;
  currency: Currency;
  status: PaymentStatus;
  payment_method: string;
  description: string | null;
  metadata: Record<string, string>;
  failure_code: string | null;
  version: number;
  created_at: Date;
  updated_at: Date;
};
export type PaymentWithParties = PaymentRow & {
  payer_name: string;
  payer_email: string;
  payee_name: string;
  payee_email: string;
};

export const WITH_PARTIES = `p.*, payer.name as payer_name, payer.email as payer_email,
  payee.name as payee_name, payee.email as payee_email`;
export const JOIN_PARTIES = `join parties payer on payer.id = p.payer_id
  join parties payee on payee.id = p.payee_id`;

/**
 * A row as the contract returns it. Metadata, the reason why a card was declined, and the card, whose name
 * would reveal the reason, are for the payer only.
 */
export const toPayment = (row: PaymentWithParties, viewer: UserId): Payment => {
  const isPayer = viewer === row.payer_id;
  return {
    id: row.id,
    status: row.status,
    amountMinor: Number(row.amount_minor),
    currency: row.currency,
    payer: { id: row.payer_id, name: row.payer_name, email: row.payer_email },
    payee: { id: row.payee_id, name: row.payee_name, email: row.payee_email },
    paymentMethod: isPayer ? row.payment_method : brandOf(row.payment_method),
    description: row.description,
    metadata: isPayer ? row.metadata : {},
    failure: row.failure_code === null ? null : { code: isPayer ? row.failure_code : 'payment_failed' },
    version: row.version,
    createdAt: row.created_at.toISOString(),
    updatedAt: row.updated_at.toISOString(),
  };
};

/** Who reads. */
type Viewer = { userId: UserId; role: Role };

/** As whom the caller sees a payment: an administrator sees what its payer does. */
export const viewerOf = (row: PaymentRow, { userId, role }: Viewer): UserId =>
  role === 'ADMIN' ? row.payer_id : userId;

/** A payment of which the caller is payer or payee; an administrator finds any. */
export const findPayment = async (
  db: Queryable,
  id: PaymentId,
  { userId, role }: Viewer,
): Promise<PaymentWithParties | undefined> => {
  const [row] = await db.query<PaymentWithParties>(
    `select ${WITH_PARTIES} from payments p ${JOIN_PARTIES}
     where p.id = $1 and ($3::boolean or p.payer_id = $2 or p.payee_id = $2)`,
    [id, userId, role === 'ADMIN'],
  );
  return row;
};

type HistoryRow = { status: PaymentStatus; reason: string | null; at: Date };
type Dated = Pick<PaymentRow, 'id' | 'created_at' | 'payer_id'>;

/** Every status that the payment has reached, oldest first; the first is its creation. */
const timelineOf = (payment: Dated, history: readonly HistoryRow[], viewer: UserId): TimelineEntry[] => {
  const mayReadReason = (status: PaymentStatus) => status !== 'failed' || viewer === payment.payer_id;
  return [
    { at: payment.created_at.toISOString(), status: 'pending' as const, reason: null },
    ...history.map(({ at, status, reason }) => ({
      at: at.toISOString(),
      status,
      reason: mayReadReason(status) ? reason : null,
    })),
  ];
};

export const readTimeline = async (
  db: Queryable,
  payment: Dated,
  viewer: UserId,
): Promise<TimelineEntry[]> => {
  const rows = await db.query<HistoryRow>(
    'select status, reason, at from payment_history where payment_id = $1 order by version',
    [payment.id],
  );
  return timelineOf(payment, rows, viewer);
};

/** The timelines of those payments that the viewer would find, in one query. */
export const readTimelines = async (
  db: Queryable,
  ids: readonly PaymentId[],
  viewer: Viewer,
): Promise<{ id: PaymentId; timeline: TimelineEntry[] }[]> => {
  const rows = await db.query<PaymentRow & { history: (Omit<HistoryRow, 'at'> & { at: string })[] }>(
    `select p.id, p.created_at, p.payer_id, coalesce(
       (select jsonb_agg(jsonb_build_object('status', status, 'reason', reason, 'at', at) order by version)
        from payment_history where payment_id = p.id), '[]') as history
     from payments p where p.id = any($1) and ($3::boolean or p.payer_id = $2 or p.payee_id = $2)`,
    [ids, viewer.userId, viewer.role === 'ADMIN'],
  );
  return rows.map(({ history, ...payment }) => {
    const dated = history.map((entry) => ({ ...entry, at: new Date(entry.at) }));
    return { id: payment.id, timeline: timelineOf(payment, dated, viewerOf(payment, viewer)) };
  });
};
