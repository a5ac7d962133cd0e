import { postingsOf } from '../../services/payments/domain/ledger.ts';
import { toStripeAmount } from '../../services/payments/processor/minor-units.ts';
import type { UserId } from '../../shared/contracts/ids.ts';
import type { Row, TableRows } from './bulk-load.ts';
import type { SeededPerson } from './people.ts';
import type { SeededPayment } from './payments.ts';

const time = (timeMs: number): string => new Date(timeMs).toISOString();
/** A card that the processor's sandbox always accepts. */
const CARD = 'pm_card_visa';

export type Password = { hash: string; state: 'set' | 'reset' };

/** Rows of the service auth. */
export const userRows = (people: readonly SeededPerson[], { hash, state }: Password): TableRows => ({
  table: 'users',
  columns: [
    ...['id', 'email', 'name', 'role', 'status', 'password_hash', 'password_state', 'version'],
    ...['created_at', 'updated_at'],
  ],
  rows: people.map(({ id, email, name, role, createdMs }) => {
    const at = time(createdMs);
    return [id, email, name, role, 'active', hash, state, 1, at, at];
  }),
});

/** A service's copy of the users. @param columns those that it has besides id, role, status and version */
export const copyOfUsers = (
  people: readonly SeededPerson[],
  table: string,
  columns: Readonly<Record<string, (person: SeededPerson) => string>>,
): TableRows => ({
  table,
  columns: ['id', 'role', 'status', 'version', ...Object.keys(columns)],
  rows: people.map((person) => [
    ...[person.id, person.role, 'active', 1],
    ...Object.values(columns).map((valueOf) => valueOf(person)),
  ]),
});

type History = { status: string; reason: string | null; atMs: number };

/** What happened after the creation. */
const historyOf = ({ status, failureCode, createdMs, updatedMs }: SeededPayment): History[] => {
  if (status === 'failed') return [{ status, reason: failureCode, atMs: updatedMs }];
  if (status === 'cancelled') return [{ status, reason: 'cancelled_by_payer', atMs: updatedMs }];
  const authorizedMs = createdMs + Math.floor((updatedMs - createdMs) / 2);
  return [
    { status: 'processing', reason: null, atMs: authorizedMs },
    { status, reason: null, atMs: updatedMs },
  ];
};

const postingRows = (payment: SeededPayment): Row[] => {
  const { id, payee, currency, status, createdMs, updatedMs } = payment;
  const rows = (movement: 'opened' | 'completed' | 'reversed', atMs: number): Row[] =>
    postingsOf(movement, payment, payee.id as UserId).map(({ account, ownerId, amountMinor }) => [
      ...[id, movement, account, ownerId, currency, amountMinor, time(atMs)],
    ]);
  return [
    ...rows('opened', createdMs),
    ...rows(status === 'completed' ? 'completed' : 'reversed', updatedMs),
  ];
};

const paymentRow = (payment: SeededPayment, version: number): Row => [
  ...[payment.id, payment.payer.id, payment.payee.id, payment.amountMinor, payment.currency, payment.status],
  ...[CARD, payment.description, payment.failureCode, version],
  ...[time(payment.createdMs), time(payment.updatedMs)],
];

const operationRow = ({ id, amountMinor, status, charge, createdMs }: SeededPayment): Row => {
  const askedAt = status === 'cancelled' ? null : time(createdMs);
  return [
    ...[`${id}:charge`, id, 'charge', amountMinor, 'done', charge?.intentId ?? null],
    ...[askedAt, askedAt, askedAt === null ? 0 : 1],
  ];
};

/** Rows of the service payments. */
export const paymentRows = (payments: readonly SeededPayment[]): TableRows[] => {
  const histories = payments.map((payment) => ({ payment, history: historyOf(payment) }));
  return [
    {
      table: 'payments',
      columns: [
        ...['id', 'payer_id', 'payee_id', 'amount_minor', 'currency', 'status', 'payment_method'],
        ...['description', 'failure_code', 'version', 'created_at', 'updated_at'],
      ],
      rows: histories.map(({ payment, history }) => paymentRow(payment, 1 + history.length)),
    },
    {
      table: 'payment_history',
      columns: ['payment_id', 'version', 'status', 'reason', 'at'],
      rows: histories.flatMap(({ payment, history }) =>
        history.map(({ status, reason, atMs }, index): Row => [
          ...[payment.id, index + 2, status, reason, time(atMs)],
        ]),
      ),
    },
    {
      table: 'postings',
      columns: ['payment_id', 'movement', 'account', 'owner_id', 'currency', 'amount_minor', 'at'],
      rows: payments.flatMap(postingRows),
    },
    {
      table: 'processor_operations',
      columns: [
        ...['id', 'payment_id', 'kind', 'amount_minor', 'step', 'intent_id'],
        ...['key_used_at', 'requested_at', 'attempts'],
      ],
      rows: payments.map(operationRow),
    },
  ];
};

const stripeAmount = ({ id, amountMinor, currency }: SeededPayment): [amount: number, currency: string] => {
  const converted = toStripeAmount({ amountMinor, currency });
  if ('refused' in converted) throw new Error(`${id}: ${converted.refused}`);
  return [converted.amount, converted.currency];
};

/** Rows of the processor's sandbox: a PaymentIntent and a charge for each completed payment. */
export const processorRows = (payments: readonly SeededPayment[]): TableRows[] => {
  const charged = payments.flatMap((payment) => {
    if (payment.charge === null) return [];
    const metadata = JSON.stringify({ payment_id: payment.id });
    return [{ ...payment.charge, metadata, at: time(payment.updatedMs), amount: stripeAmount(payment) }];
  });
  return [
    {
      table: 'payment_intents',
      columns: [
        ...['id', 'created_at', 'status', 'amount', 'currency', 'amount_received', 'capture_method'],
        ...['payment_method', 'metadata', 'latest_charge'],
      ],
      rows: charged.map(({ intentId, chargeId, metadata, at, amount: [amount, currency] }) => [
        ...[intentId, at, 'succeeded', amount, currency, amount, 'manual', CARD, metadata, chargeId],
      ]),
    },
    {
      table: 'charges',
      columns: ['id', 'payment_intent', 'created_at', 'amount', 'currency', 'payment_method', 'metadata'],
      rows: charged.map(({ intentId, chargeId, metadata, at, amount }) => [
        ...[chargeId, intentId, at, ...amount, CARD, metadata],
      ]),
    },
  ];
};

/** Rows of the audit log: the event that ended each payment. */
export const auditRows = (payments: readonly SeededPayment[]): TableRows[] => {
  const entries = payments.map((payment) => ({ payment, id: payment.id.replace('pay_', 'evt_') }));
  return [
    {
      table: 'entries',
      columns: [
        ...['id', 'at', 'action', 'actor_id', 'actor_role', 'actor_name', 'actor_email'],
        ...['person_id', 'person_name', 'person_email', 'target_type', 'target_id', 'people', 'after'],
      ],
      rows: entries.map(({ id, payment: { payer, payee, ...payment } }): Row => {
        const after = {
          amountMinor: payment.amountMinor,
          currency: payment.currency,
          status: payment.status,
          failureCode: payment.failureCode,
        };
        return [
          ...[id, time(payment.updatedMs), `payments.${payment.status}`],
          ...(payment.status === 'cancelled'
            ? [payer.id, payer.role, payer.name, payer.email]
            : [null, null, null, null]),
          ...[payee.id, payee.name, payee.email, 'payment', payment.id],
          ...[`{${[payer.id, payee.id].sort().join(',')}}`, JSON.stringify(after)],
        ];
      }),
    },
    {
      table: 'entry_people',
      columns: ['person_id', 'entry_id'],
      rows: entries.flatMap(({ id, payment: { payer, payee } }) => [
        [payer.id, id],
        [payee.id, id],
      ]),
    },
    { table: 'unsealed', columns: ['entry_id'], rows: entries.map(({ id }) => [id]) },
  ];
};
