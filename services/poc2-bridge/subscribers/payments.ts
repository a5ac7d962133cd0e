import { subscribe } from '../../../broker/events/inbox.ts';
import { payments } from '../../../shared/contracts/payments.ts';
import { sayPayment } from '../domain/say.ts';
import type { BridgeService } from '../poc2-bridge.ts';
import { passOn } from '../redis/pass-on.ts';

const { created, processing, completed, failed, cancelled } = payments.events;

export const paymentsSubscribers = [created, processing, completed, failed, cancelled].map((event) =>
  subscribe(event, (service: BridgeService, delivery) =>
    passOn(service, delivery, sayPayment(delivery.payload)),
  ),
);
