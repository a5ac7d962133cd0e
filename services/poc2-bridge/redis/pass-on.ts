import type { EventDelivery } from '../../../broker/events/inbox.ts';
import type { Event } from '../../../shared/contracts/contract.ts';
import { messagesOf, type Saying } from '../domain/say.ts';
import { countMessages } from '../metrics.ts';
import { addCounts, type Counted } from '../persistence/counts.ts';
import { addToPoc2 } from '../persistence/to-poc2.ts';
import type { BridgeService } from '../poc2-bridge.ts';
import { REQUEST_PREFIX } from './receiver.ts';
import { TO_POC2 } from './sender.ts';

/**
 * Lets one of our events wait to be sent to POC-2, in the transaction of the inbox. What a service of ours
 * did because of a message of POC-2 is not sent: there it is known.
 */
export const passOn = async (
  { db, clock, config }: BridgeService,
  { id, requestId, occurredAtMs, tx }: EventDelivery<Event>,
  saying: Saying,
): Promise<void> => {
  const now = clock.now();
  const at = new Date(occurredAtMs);
  const messages = messagesOf(saying, config.POC2_BRIDGE_SCHEMES, { id, at, requestId });
  const isEcho = requestId?.startsWith(REQUEST_PREFIX) ?? false;
  if (isEcho || messages.length === 0) {
    const outcome = isEcho ? 'echo' : 'unnamed';
    const counts: Counted[] = [{ direction: 'to-poc2', kind: saying.kind, outcome, count: 1 }];
    await addCounts(tx, counts, now);
    return tx.afterCommit(() => countMessages(counts));
  }
  const { kind, entity, version } = saying;
  await addToPoc2(tx, { id, kind, entity, version, messages }, now);
  tx.afterCommit(() => db.wake(TO_POC2));
};
