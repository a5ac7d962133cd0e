import type { EventDelivery } from '../../../broker/events/inbox.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import { realtime } from '../../../shared/contracts/realtime.ts';
import { isNoticed, noticesOfPayment } from '../domain/notices.ts';
import type { RealtimeService } from '../realtime.ts';
import { namesOf } from './names.ts';
import { saying, tell } from './send.ts';

type PaymentEvent = (typeof payments.events)[keyof typeof payments.events];

/** A payment was made or moved: both parties are told, and nobody else. */
export const tellOfPayment = async (
  service: RealtimeService,
  { payload: payment, tx }: EventDelivery<PaymentEvent>,
): Promise<void> => {
  const { id, status, version, payerId, payeeId } = payment;
  const messages = saying(realtime.messages.paymentChanged, [payerId, payeeId], { id, status, version });
  if (!isNoticed(payment)) return tell(service, tx, messages);
  const nameOf = await namesOf(service, tx, [payerId, payeeId]);
  const notices = noticesOfPayment(payment, { payer: nameOf(payerId), payee: nameOf(payeeId) });
  await tell(service, tx, messages, notices);
};
