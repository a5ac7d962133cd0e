import { graphqlQuery } from '../../../../../shared/client/graphql.ts';
import {
  PAYMENT_RECORDS_DOCUMENT,
  type PaymentRecordsData,
} from '../../../../../shared/contracts/graphql/payment-records.ts';
import { payments } from '../../../../../shared/contracts/payments.ts';

/** Reads the records of a payment and its audit entries in one request. */
export const recordsQuery = (id: string) =>
  graphqlQuery(
    payments.actions.records,
    PAYMENT_RECORDS_DOCUMENT,
    (data: PaymentRecordsData): PaymentRecordsData => data,
    { target: id },
  );
