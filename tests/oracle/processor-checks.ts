import type { Client } from 'pg';
import type { Stripe } from 'stripe';
import type { Violation } from './checks.ts';

type Held = { kept: bigint; charges: number; reserved: bigint; currencies: Set<string> };
const nothing = (): Held => ({ kept: 0n, charges: 0, reserved: 0n, currencies: new Set() });
type HeldByPayment = { byPayment: Map<string, Held>; unreadable: Violation[] };

const STATUSES = new Set<string>([
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
  'processing',
  'requires_capture',
  'canceled',
  'succeeded',
] satisfies Stripe.PaymentIntent.Status[]);
const RESERVING: ReadonlySet<string> = new Set(['requires_capture', 'processing', 'requires_action']);
const PAYMENT_ID = /^pay_[0-9a-f]{32}$/;

/** @throws RangeError when it is no amount that JSON carries exactly */
const exact = (amount: unknown): bigint => {
  if (!Number.isSafeInteger(amount)) throw new RangeError(`the amount ${String(amount)} cannot be read`);
  return BigInt(amount as number);
};

/**
 * What the processor holds, by payment; an object that cannot be read is left out and reported.
 * @param moved payments of POC-2 by their PaymentIntents, which do not name them
 */
const readHeld = async (stripe: Stripe, moved: ReadonlyMap<string, string>): Promise<HeldByPayment> => {
  const byPayment = new Map<string, Held>();
  const paymentOf = new Map<string, string>();
  const unreadable: Violation[] = [];
  const heldFor = (payment: string): Held => {
    const held = byPayment.get(payment) ?? nothing();
    byPayment.set(payment, held);
    return held;
  };
  const read = (id: string, add: () => void): void => {
    try {
      add();
    } catch (error) {
      unreadable.push({ law: 'U', id, what: `${(error as Error).message} at the processor` });
    }
  };
  for await (const intent of stripe.paymentIntents.list({ limit: 100 })) {
    read(intent.id, () => {
      const payment =
        (intent.metadata as Record<string, unknown> | null)?.['payment_id'] ?? moved.get(intent.id) ?? '';
      if (typeof payment !== 'string' || (payment.startsWith('pay_') && !PAYMENT_ID.test(payment)))
        throw new RangeError(`its payment ${JSON.stringify(payment)} cannot be read`);
      paymentOf.set(intent.id, payment);
      if (!STATUSES.has(intent.status)) throw new RangeError(`its status ${intent.status} is unknown`);
      const amount = exact(intent.amount);
      if (RESERVING.has(intent.status)) heldFor(payment).reserved += amount;
    });
  }
  for await (const charge of stripe.charges.list({ limit: 100 })) {
    if (!charge.captured) continue;
    read(charge.id, () => {
      const held = heldFor(paymentOf.get(String(charge.payment_intent)) ?? '');
      held.charges += 1;
      held.currencies.add(charge.currency.toUpperCase());
      held.kept += exact(charge.amount_captured) - exact(charge.amount_refunded);
    });
  }
  return { byPayment, unreadable };
};

type Row = { id: string; status: string; amount_minor: string | null; currency: string; is_open: boolean };

type Moved = { ids: Set<string>; byIntent: Map<string, string> };

/** What `npm run poc2 -- copy` has moved from POC-2. */
const readMoved = async (db: Client): Promise<Moved> => {
  const moved: Moved = { ids: new Set(), byIntent: new Map() };
  const { rowCount } = await db.query("select from pg_class where oid = to_regclass('poc2_ids')");
  if (rowCount === 0) return moved;
  const { rows } = await db.query<{ id: string; intent: string | null }>(
    `select i.new_id as id, o.intent_id as intent
     from poc2_ids i left join processor_operations o on o.payment_id = i.new_id`,
  );
  for (const { id, intent } of rows) {
    moved.ids.add(id);
    if (intent !== null) moved.byIntent.set(intent, id);
  }
  return moved;
};

const readRows = async (db: Client, ids: readonly string[] | null): Promise<Row[]> =>
  (
    await db.query<Row>(
      `select id, status, amount_minor, currency, exists (
         select from processor_operations o where o.payment_id = p.id and o.step <> 'done') as is_open
       from payments p where $1::text[] is null or id = any($1)`,
      [ids],
    )
  ).rows;

const violationOf = ({ id, status, amount_minor: amount, currency }: Row, held: Held): Violation | null => {
  const due = status === 'completed' ? BigInt(amount ?? 0) : 0n;
  const { kept, charges, reserved } = held;
  if (charges > 1) return { law: 'D', id, what: `charged ${charges} times` };
  if (kept > due && due > 0n) return { law: 'D', id, what: `${kept} was kept of ${due}` };
  if (kept !== due) return { law: 'R', id, what: `${status}, but ${kept} was kept of ${due}` };
  const other = [...held.currencies].find((one) => one !== currency);
  if (other) return { law: 'R', id, what: `charged in ${other}, not in ${currency}` };
  if (reserved > 0n) return { law: 'R', id, what: `${status}, but ${reserved} is still reserved` };
  return null;
};

/**
 * D and R against the processor, for payments without an open operation: one charge for each completed
 * payment, no charge for others, no reservation; and nothing for payments that do not exist. U: what the
 * processor lists and cannot be read. M: completed payments that were moved from POC-2 and that it does not
 * list.
 */
export const checkCharges = async (db: Client, stripe: Stripe): Promise<Violation[]> => {
  // Read first: a payment that completes during the processor's answer would seem to lack its charge.
  const rows = (await readRows(db, null)).filter(({ is_open: isOpen }) => !isOpen);
  const moved = await readMoved(db);
  const { byPayment, unreadable } = await readHeld(stripe, moved.byIntent);
  const known = new Set(rows.map(({ id }) => id));
  const others = [...byPayment.keys()].filter((id) => PAYMENT_ID.test(id) && !known.has(id));
  const existing = new Set((await readRows(db, others)).map(({ id }) => id));
  const unknown = others
    .filter((id) => !existing.has(id) && (byPayment.get(id)?.kept || byPayment.get(id)?.reserved))
    .map((id): Violation => ({
      law: 'R',
      id,
      what: 'the processor holds money of a payment that is not there',
    }));
  const violations = rows.flatMap((row): Violation[] => {
    const violation = violationOf(row, byPayment.get(row.id) ?? nothing());
    if (!violation) return [];
    const isElsewhere = moved.ids.has(row.id) && !byPayment.has(row.id);
    return isElsewhere ? [{ law: 'M', id: row.id, what: 'this processor does not know it' }] : [violation];
  });
  return [...violations, ...unknown, ...unreadable];
};
