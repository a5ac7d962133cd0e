import { PoisonMessage } from '../../../broker/events/event-message.ts';
import { subscribe } from '../../../broker/events/inbox.ts';
import { poc2Bridge } from '../../../shared/contracts/poc2-bridge.ts';
import { addToOutbox, rememberIds } from '../persistence/passed.ts';
import type { BridgeService } from '../poc2-bridge.ts';
import { eventOf, readWhole } from '../redis/receiver.ts';

/**
 * Makes a dead letter of what was refused. One that is sent back to a version of the bridge that knows it
 * passes, unless it has passed before.
 */
const onRefused = subscribe(poc2Bridge.events.refused, async (service: BridgeService, { payload, tx }) => {
  const { channel, text = null } = payload;
  if (text === null) throw new PoisonMessage(payload.cause);
  const { message, cause } = readWhole(service, channel, text);
  if (!message) throw new PoisonMessage(cause);
  const sequence = (await rememberIds(tx, [message.id], service.clock.now())).get(message.id);
  if (sequence === undefined) return;
  await addToOutbox(tx, [eventOf(service, message, sequence)]);
  tx.afterCommit(service.outbox.wake);
});

export const bridgeSubscribers = [onRefused];
