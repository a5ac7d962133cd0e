import type { Heard } from '../../../broker/events/inbox.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import { realtime } from '../../../shared/contracts/realtime.ts';
import { isNoticed, noticesOfPayment } from '../domain/notices.ts';
import type { RealtimeRoom } from '../realtime-room.ts';
import { namesOf } from './names.ts';
import { saying, tell } from './tell.ts';

type PaymentFact = (typeof payments.facts)[keyof typeof payments.facts];

/** A payment was made or moved: both parties are told, and nobody else. */
export const tellOfPayment = async (
  room: RealtimeRoom,
  { payload: payment, tx }: Heard<PaymentFact>,
): Promise<void> => {
  const { id, status, version, payerId, payeeId } = payment;
  const messages = saying(realtime.messages.paymentChanged, [payerId, payeeId], { id, status, version });
  if (!isNoticed(payment)) return tell(room, tx, messages);
  const nameOf = await namesOf(room, tx, [payerId, payeeId]);
  const notices = noticesOfPayment(payment, { payer: nameOf(payerId), payee: nameOf(payeeId) });
  await tell(room, tx, messages, notices);
};
