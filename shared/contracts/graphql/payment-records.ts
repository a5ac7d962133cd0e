import type { admin } from '../admin/admin.ts';
import type { ResultOf } from '../contract.ts';
import type { payments } from '../payments.ts';

type Entry = ResultOf<typeof admin.actions.auditEntries>['items'][number];
/** Of an audit entry the page shows these, and its actor. */
const ENTRY = ['id', 'at', 'action'] as const satisfies (keyof Entry)[];
const ACTOR = ['id', 'name', 'email'] as const satisfies (keyof NonNullable<Entry['actor']>)[];

/** What the ledger, the card processor and the audit log have of one payment, for administrators. */
export const PAYMENT_RECORDS_DOCUMENT =
  'query ($id: PaymentId!, $target: String!) { paymentsRecords(id: $id) { ' +
  'postings { at movement account ownerId currency amountMinor } ' +
  'operations { kind step attempts nextAttemptAt intentId keys stuck } ' +
  'webhooks { id type receivedAt } } ' +
  `adminAuditEntries(target: $target, first: 50) { nodes { ${ENTRY.join(' ')} ` +
  `actor { ${ACTOR.join(' ')} } } } }`;

type ShownEntry = Pick<Entry, (typeof ENTRY)[number]> & {
  actor: Pick<NonNullable<Entry['actor']>, (typeof ACTOR)[number]> | null;
};

/** What the document is answered with. */
export type PaymentRecordsData = {
  paymentsRecords: ResultOf<typeof payments.actions.records>;
  adminAuditEntries: { nodes: ShownEntry[] };
};
