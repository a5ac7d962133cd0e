import { subscribe } from '../../../broker/events/inbox.ts';
import { payments } from '../../../shared/contracts/payments.ts';
import { tellOfPayment } from '../messages/of-payment.ts';

export const onPaymentCreated = subscribe(payments.events.created, tellOfPayment);
