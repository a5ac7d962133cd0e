import { CURRENCIES, type Currency } from '../../../shared/contracts/currencies.ts';
import type { UserId } from '../../../shared/contracts/ids.ts';
import type { Money } from '../../../shared/contracts/money.ts';
import { PAYMENT_STATUSES, type PaymentStatus } from '../../../shared/contracts/payments/status.ts';
import { toMinor } from './amounts.ts';
import { deletedUserId } from './deleted-user.ts';
import { idOf } from './ids.ts';
import { creationOf, noteLastChange, notesOn, type Notes } from './notes.ts';
import { cancelledHistory, hasFuture, historyOf } from './payment-history.ts';
import { openIntents, pspIdOf } from './open-payments.ts';
import { paymentRows } from './payment-rows.ts';
import { descriptionOf, failureOf, metadataOf } from './payment-texts.ts';
import { userColumns, userIdOf, userIn, userProblem, type SourceUser, type UserColumns } from './people.ts';
import { isFuture, laterOf, timeColumn, timeOf, type Time } from './times.ts';
import type { Mapped, MappingContext, TableMapping } from './table-mapping.ts';

export type PaymentSource = UserColumns<'sender'> &
  UserColumns<'recipient'> & {
    id: string;
    amount: string;
    currency: string | null;
    status: string;
    type: string;
    description: string | null;
    metadata: string | null;
    psp_transaction_id: string | null;
    /** Those of its transactions while it is open, as lines; null for none. */
    psp_ids: string | null;
    failure_reason: string | null;
    completed_at: string | null;
    created_at: string | null;
    updated_at: string | null;
    /** Times and statuses of its payment_transactions (`transactionsIn`), oldest first; null for none. */
    transactions: string | null;
  };

const CODES: ReadonlySet<string> = new Set(CURRENCIES);

const currencyOf = (given: string | null, { options }: MappingContext, notes: Notes): Currency | null => {
  const text = given ?? '';
  const code = text.trim().toUpperCase();
  const chosen = Object.hasOwn(options.currencies, text) ? options.currencies[text] : undefined;
  if (chosen !== undefined) {
    notes.mapped(CODES.has(code) ? 'currency_renamed' : 'currency_unknown', `${text} becomes ${chosen}`);
    return chosen;
  }
  if (CODES.has(text)) return text as Currency;
  if (CODES.has(code)) {
    notes.mapped('currency_spelling', `${JSON.stringify(text)} becomes ${code}`);
    return code as Currency;
  }
  notes.refused(
    'currency_unknown',
    `${JSON.stringify(text)} is no currency here; --currency OLD=NEW maps one`,
  );
  return null;
};

type Sum = Money & { isNegative: boolean };

/** The amount without its sign. */
const sumOf = (row: PaymentSource, context: MappingContext, notes: Notes): Sum | null => {
  const currency = currencyOf(row.currency, context, notes);
  if (currency === null) return null;
  const { fractions, negative } = context.options;
  const given = `${row.amount} ${currency}`;
  const converted = toMinor(row.amount, currency, fractions === 'round');
  if ('problem' in converted) {
    const more = converted.problem === 'amount_fraction' ? '; --fractions round rounds it' : '';
    notes.refused(converted.problem, `${given} is no whole number of minor units that fits${more}`);
    return null;
  }
  const { minor, rounded } = converted;
  if (rounded) notes.mapped('amount_fraction', `${given} is rounded to ${minor} minor units`);
  if (minor === 0) notes.refused('amount_zero', `${given} is nothing`);
  if (minor < 0 && negative !== 'swap')
    notes.refused('amount_negative', `${given}; --negative swap exchanges payer and payee`);
  else if (minor < 0) notes.mapped('amount_negative', `${given}: payer and payee are exchanged`);
  return { amountMinor: Math.abs(minor), currency, isNegative: minor < 0 };
};

const idOfParty = (user: SourceUser, what: string, context: MappingContext, notes: Notes): UserId => {
  if (userProblem(user, context) !== null) notes.refused('user_refused', `its ${what} ${user.id} is refused`);
  return userIdOf(user);
};

const recipientOf = (row: PaymentSource, context: MappingContext, notes: Notes): UserId | null => {
  const recipient = userIn(row, 'recipient');
  if (recipient !== null) return idOfParty(recipient, 'recipient', context, notes);
  if (context.options.noRecipient !== 'deleted-user') {
    notes.refused(
      'recipient_missing',
      'has no recipient; --no-recipient deleted-user gives it to a closed account',
    );
    return null;
  }
  notes.mapped('recipient_missing', 'has no recipient: its payee is a closed account');
  return deletedUserId();
};

type Parties = { payerId: UserId; payeeId: UserId };

const partiesOf = (
  row: PaymentSource,
  isNegative: boolean,
  context: MappingContext,
  notes: Notes,
): Parties | null => {
  const sender = userIn(row, 'sender');
  if (sender === null) notes.refused('sender_missing', 'has no sender');
  const senderId = sender && idOfParty(sender, 'sender', context, notes);
  const recipientId = recipientOf(row, context, notes);
  if (senderId === null || recipientId === null) return null;
  if (senderId === recipientId) notes.refused('to_oneself', 'its sender is its recipient');
  return isNegative
    ? { payerId: recipientId, payeeId: senderId }
    : { payerId: senderId, payeeId: recipientId };
};

const KINDS: ReadonlySet<string> = new Set(['instant', 'scheduled', 'recurring']);

const isOpen = (status: PaymentStatus): boolean => status === 'pending' || status === 'processing';

/** The status that the payment gets, and how it got there. */
const courseOf = (row: PaymentSource, created: Time, context: MappingContext, notes: Notes) => {
  const given = {
    status: row.status as PaymentStatus,
    created,
    updated: timeOf(row.updated_at),
    completed: timeOf(row.completed_at),
    transactions: row.transactions,
  };
  if (given.completed !== null && given.status !== 'completed')
    notes.mapped('completed_at', `is ${given.status}, but has a time of its completion, which is left out`);
  const isCancelled = isOpen(given.status) && context.options.open === 'cancel';
  const reached = isCancelled ? cancelledHistory(given, context, notes) : historyOf(given, notes);
  if (hasFuture(reached, context) && !isFuture(created, context) && context.options.future !== 'keep')
    notes.refused('time_in_future', 'reached a status in the future; --future keep keeps such times');
  noteLastChange(given.updated, created, context, notes);
  const status = isCancelled ? 'cancelled' : given.status;
  return { status, reached, updated: laterOf(reached.at(-1)?.at ?? created, given.updated) };
};

const map = (row: PaymentSource, context: MappingContext): Mapped => {
  const notes = notesOn('payments', row.id);
  const created = creationOf(row.created_at, context, notes);
  const sum = sumOf(row, context, notes);
  const parties = partiesOf(row, sum?.isNegative ?? false, context, notes);
  const isKnown = (PAYMENT_STATUSES as readonly string[]).includes(row.status);
  if (!isKnown) notes.refused('status_unknown', `the status ${JSON.stringify(row.status)} is unknown`);
  const open = isKnown && isOpen(row.status as PaymentStatus) ? openIntents(row, sum, context, notes) : null;
  if (!KINDS.has(row.type)) notes.refused('type_unknown', `the type ${JSON.stringify(row.type)} is unknown`);
  const description = descriptionOf(row.description, context.options, notes);
  if (created === null || sum === null || parties === null || !isKnown) return notes.result(() => []);
  const course = courseOf(row, created, context, notes);
  const metadata = metadataOf(row.metadata, notes);
  const failure = course.status === 'failed' ? failureOf(row.failure_reason, notes) : null;
  if (failure?.text) metadata['poc2_failure_reason'] = failure.text;
  const { amountMinor, currency } = sum;
  return notes.result(() =>
    paymentRows(
      {
        ...{ oldId: row.id, id: idOf('payment', { table: 'payments', id: row.id }, created.ms) },
        ...{ kind: row.type, ...parties, amountMinor, currency, description, metadata, created },
        ...{ ...course, failureCode: failure?.code ?? null },
        ...(open ?? { intentId: pspIdOf(row.psp_transaction_id), givenBack: [] }),
      },
      context.nowMs,
    ),
  );
};

export const payments: TableMapping<PaymentSource> = {
  table: 'payments',
  select: `select p.id, p.amount::text as amount, p.currency, p.status::text as status, p.type::text as type,
    p.description, p.metadata::text as metadata, p.psp_transaction_id, p.failure_reason,
    ${timeColumn('p.completed_at', 'completed_at')}, ${timeColumn('p.created_at', 'created_at')},
    ${timeColumn('p.updated_at', 'updated_at')}, ${userColumns('s', 'sender')},
    ${userColumns('r', 'recipient')},
    case when p.status::text in ('pending', 'processing') then
      (select string_agg(distinct t.psp_transaction_id, E'\\n' order by t.psp_transaction_id)
       from payment_transactions t where t.payment_id = p.id)
    end as psp_ids,
    (select string_agg(concat(t.created_at::text, ' ', t.status), '|' order by t.created_at, t.id)
     from payment_transactions t where t.payment_id = p.id) as transactions
    from payments p left join users s on s.id = p.sender_id left join users r on r.id = p.recipient_id`,
  key: 'p.id',
  targets: [
    { database: 'payments', table: 'payments' },
    { database: 'payments', table: 'poc2_ids' },
    { database: 'payments', table: 'payment_history' },
    { database: 'payments', table: 'postings' },
    { database: 'payments', table: 'processor_operations' },
    { database: 'payments', table: 'published_events' },
  ],
  map,
};
