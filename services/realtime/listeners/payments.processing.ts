import { listen } from '../../../broker/events/inbox.ts';
import { payments } from '../../../shared/contracts/payments.ts';
import { tellOfPayment } from '../messages/of-payment.ts';

export const onPaymentProcessing = listen(payments.facts.processing, tellOfPayment);
