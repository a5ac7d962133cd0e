import { PAYMENT_DOCUMENT } from './payment.ts';
import { PAYMENT_RECORDS_DOCUMENT } from './payment-records.ts';

/** The GraphQL documents of our own pages: they run also where an operator trusts others alone. */
export const OWN_DOCUMENTS: readonly string[] = [PAYMENT_DOCUMENT, PAYMENT_RECORDS_DOCUMENT];
