import { payments } from '../../../shared/contracts/payments.ts';
import { onRecorded } from '../audit/record.ts';

export const paymentsSubscribers = Object.values(payments.events).map(onRecorded);
