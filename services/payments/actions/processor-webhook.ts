import type { Handler } from '../../../broker/calls/implement.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import type { PaymentsService } from '../payments.ts';
import { saveWebhook } from '../persistence/processor-webhooks.ts';
import { parseWebhook } from '../processor/client.ts';
import { DRIVER_WORK } from '../processor/driver.ts';

const TOLERANCE_S = 300;

/**
 * Receives a webhook. It only signals that something changed: the driver then reads the payment from the
 * processor, so a webhook may arrive twice, late, out of order or never.
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
  const due = await saveWebhook(service.db, webhook, service.clock.now());
  if (due) service.db.wake(DRIVER_WORK);
  return {};
};
