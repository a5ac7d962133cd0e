/** Why a payment failed: as its payer reads it, and as others do. */
type Texts = { payer: string; others: string };

const DECLINED = 'Your card was declined.';

/** The processor's decline codes and our own. */
const FAILURES: Readonly<Record<string, Texts>> = {
  payment_failed: {
    payer: 'The payment did not go through.',
    others: 'The payment did not go through.',
  },
  amount_not_chargeable: {
    payer: 'The card processor cannot charge this amount in this currency.',
    others: 'The card processor cannot charge this amount in this currency.',
  },
  card_declined: { payer: DECLINED, others: 'The card was declined.' },
  generic_decline: { payer: DECLINED, others: 'The card was declined; its bank gave no reason.' },
  do_not_honor: { payer: DECLINED, others: 'The card’s bank refused the payment.' },
  lost_card: { payer: DECLINED, others: 'The card had been reported lost.' },
  stolen_card: { payer: DECLINED, others: 'The card had been reported stolen.' },
  insufficient_funds: {
    payer: 'Your card has insufficient funds.',
    others: 'The card had insufficient funds.',
  },
  expired_card: { payer: 'Your card has expired.', others: 'The card had expired.' },
  incorrect_cvc: {
    payer: 'Your card’s security code is incorrect.',
    others: 'The card’s security code was incorrect.',
  },
  processing_error: {
    payer: 'An error occurred while processing your card. Try again in a little while.',
    others: 'The card processor had an error.',
  },
  authentication_required: {
    payer: 'Your bank wants you to confirm this payment, which is not possible here yet. Use another card.',
    others: 'The card’s bank wanted the payment to be confirmed.',
  },
  processor_error: {
    payer: 'The card processor could not complete the payment.',
    others: 'The card processor could not complete the payment.',
  },
  refused: {
    payer: 'The card processor did not accept this payment.',
    others: 'The card processor did not accept the payment.',
  },
  voided: {
    payer: 'The card processor cancelled the payment.',
    others: 'The card processor cancelled the payment.',
  },
  refunded: {
    payer: 'The card processor refunded the payment.',
    others: 'The card processor refunded the payment.',
  },
};

/** Why a payment failed, as a sentence for its payer; undefined for a code without one. */
export const failureForPayer = (code: string): string | undefined => FAILURES[code]?.payer;

/** Why payments failed, as a sentence for those who look at many; `Failed: some_code.` for another code. */
export const failureForOthers = (code: string): string => FAILURES[code]?.others ?? `Failed: ${code}.`;
