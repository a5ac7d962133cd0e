import type { Handler } from '../../../broker/implement.ts';
import type { payments } from '../../../shared/contracts/payments.ts';
import type { PaymentsRoom } from '../payments-room.ts';
import { takeEvent } from '../persistence/processor-events.ts';
import { parseEvent } from '../processor/client.ts';

const TOLERANCE_S = 300;

/**
 * Takes a webhook. It is believed only as a hint that something changed: the driver then reads the payment
 * from the processor, so that events may come twice, late, out of order or never.
 */
export const processorEvent: Handler<PaymentsRoom, typeof payments.actions.processorEvent> = async (
  room,
  call,
) => {
  const { body, signature } = call.params;
  const event = parseEvent(
    body,
    signature,
    room.config.STRIPE_WEBHOOK_SECRET,
    TOLERANCE_S,
    room.clock.nowMs(),
  );
  const due = await takeEvent(room.db, event, room.clock.now());
  if (due) room.state.driver.wake();
  return {};
};
