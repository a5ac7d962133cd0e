import { invalidRequest, type Problem } from './problem.ts';

/** A captured amount: created by the capture, one for each succeeded PaymentIntent. */
export type Charge = {
  id: string;
  createdAt: Date;
  paymentIntent: string;
  amount: number;
  amountRefunded: number;
  currency: string;
  paymentMethod: string;
  description: string | null;
  metadata: Record<string, string>;
};

export type Refund = {
  id: string;
  createdAt: Date;
  charge: string;
  paymentIntent: string;
  amount: number;
  currency: string;
  reason: string | null;
  metadata: Record<string, string>;
  status: 'succeeded' | 'pending' | 'failed';
  /** When a pending refund succeeds. */
  settlesAt: Date | null;
};

/** The state of a refund at a time. */
export const statusAt = ({ status, settlesAt }: Refund, now: Date): Refund['status'] =>
  status === 'pending' && settlesAt && settlesAt <= now ? 'succeeded' : status;

/** The amount of a refund: the requested one or all that is left, never more than that. */
export const refundable = (charge: Charge, asked: number | undefined): number | Problem => {
  const left = charge.amount - charge.amountRefunded;
  if (left === 0) {
    return invalidRequest(`Charge ${charge.id} has already been refunded.`, {
      code: 'charge_already_refunded',
    });
  }
  const amount = asked ?? left;
  return amount > left
    ? invalidRequest(`Refund amount (${amount}) is greater than unrefunded amount on charge (${left}).`, {
        param: 'amount',
      })
    : amount;
};
