import { subscribe, type EventDelivery } from '../../../broker/events/inbox.ts';
import { payments } from '../../../shared/contracts/payments.ts';
import { realtime } from '../../../shared/contracts/realtime.ts';
import { isNotified, paymentNotifications } from '../domain/notifications.ts';
import { messagesFor, sendMessages } from '../messages/send.ts';
import { userNames } from '../messages/user-names.ts';
import type { RealtimeService } from '../realtime.ts';

const { created, processing, completed, failed, cancelled } = payments.events;
type PaymentEvent = typeof created | typeof processing | typeof completed | typeof failed | typeof cancelled;

/** Sends a payment's change to its payer and payee, and to no other user. */
const onPaymentChanged = async (
  service: RealtimeService,
  { payload: payment, tx }: EventDelivery<PaymentEvent>,
): Promise<void> => {
  const { id, status, version, payerId, payeeId } = payment;
  const parties = [payerId, payeeId];
  const messages = messagesFor(realtime.messages.paymentChanged, parties, { id, status, version });
  if (!isNotified(payment)) return sendMessages(service, tx, messages);
  const nameOf = await userNames(service, tx, parties);
  const names = { payer: nameOf(payerId), payee: nameOf(payeeId) };
  await sendMessages(service, tx, messages, paymentNotifications(payment, names));
};

export const paymentsSubscribers = [
  subscribe(created, onPaymentChanged),
  subscribe(processing, onPaymentChanged),
  subscribe(completed, onPaymentChanged),
  subscribe(failed, onPaymentChanged),
  subscribe(cancelled, onPaymentChanged),
];
