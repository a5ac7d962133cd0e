import type { Handler } from '../../../broker/calls/implement.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import type { PaymentsService } from '../payments.ts';
import { takeWebhook } from '../persistence/processor-webhooks.ts';
import { parseWebhook } from '../processor/client.ts';

const TOLERANCE_S = 300;

/**
 * Takes a webhook. It is believed only as a signal that something changed: the driver then reads the payment
 * from the processor, so that events may come twice, late, out of order or never.
 */
export const processorWebhook: Handler<PaymentsService, typeof payments.actions.processorWebhook> = async (
  service,
  call,
) => {
  const { body, signature } = call.params;
  const webhook = parseWebhook(
    body,
    signature,
    service.config.STRIPE_WEBHOOK_SECRET,
    TOLERANCE_S,
    service.clock.nowMs(),
  );
  const due = await takeWebhook(service.db, webhook, service.clock.now());
  if (due) service.state.driver.wake();
  return {};
};
