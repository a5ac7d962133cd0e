import type { ResultOf } from '../contract.ts';
import type { Party, payments } from '../payments.ts';

const PARTY = 'id name email avatarUrl @include(if: $withAvatars)';

/** One payment as its page shows it: with its history, and at first with the avatars of its parties. */
export const PAYMENT_DOCUMENT =
  'query ($id: PaymentId!, $withAvatars: Boolean!) { paymentsGet(id: $id) { ' +
  `id status amountMinor currency payer { ${PARTY} } payee { ${PARTY} } paymentMethod description ` +
  'metadata failure { code } version createdAt updatedAt timeline { at status reason } } }';

/** `avatarUrl` is null where there is none, and undefined where it was not asked for. */
type ShownParty = Party & { avatarUrl?: string | null };

export type ShownPayment = ResultOf<typeof payments.actions.get> & { payer: ShownParty; payee: ShownParty };

/** What the document is answered with. */
export type PaymentData = { paymentsGet: ShownPayment };
