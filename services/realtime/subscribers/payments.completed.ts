import { subscribe } from '../../../broker/events/inbox.ts';
import { payments } from '../../../shared/contracts/payments.ts';
import { tellOfPayment } from '../messages/of-payment.ts';

export const onPaymentCompleted = subscribe(payments.events.completed, tellOfPayment);
