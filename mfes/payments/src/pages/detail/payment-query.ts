import type { Client } from '../../../../../shared/client/client.ts';
import { graphqlQuery } from '../../../../../shared/client/graphql.ts';
import {
  PAYMENT_DOCUMENT,
  type PaymentData,
  type ShownPayment,
} from '../../../../../shared/contracts/graphql/payment.ts';
import type { PaymentId } from '../../../../../shared/contracts/ids.ts';
import { payments } from '../../../../../shared/contracts/payments.ts';
import type { ReadPayment } from './payment.svelte.ts';

const pick = ({ paymentsGet }: PaymentData): ShownPayment => paymentsGet;
const queryWith = (withAvatars: boolean) =>
  graphqlQuery(payments.actions.get, PAYMENT_DOCUMENT, pick, { withAvatars });

/** Reads a payment in one request: at first with the avatars of its parties, which it keeps. */
export const createPaymentReader = (client: Pick<Client, 'query'>, id: string): ReadPayment<ShownPayment> => {
  let first: ShownPayment | null = null;
  const read = (withAvatars: boolean, signal: AbortSignal) =>
    client.query(queryWith(withAvatars), { id: id as PaymentId }, { signal });

  return async (signal) => {
    if (first === null) return (first = await read(true, signal));
    const found = await read(false, signal);
    const withAvatar = (party: 'payer' | 'payee') => ({
      ...found[party],
      avatarUrl: first?.[party].avatarUrl,
    });
    return { ...found, payer: withAvatar('payer'), payee: withAvatar('payee') };
  };
};
