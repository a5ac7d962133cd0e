import { setTimeout as sleep } from 'node:timers/promises';
import { worker, type Worker } from '../../../broker/process/worker.ts';
import { addCounts, summed, type Counted } from '../persistence/counts.ts';
import { settleWaiting, takeWaiting } from '../persistence/to-poc2.ts';
import { divide, HOLD_MS, type Waiting } from '../domain/due.ts';
import { countMessages } from '../metrics.ts';
import type { BridgeService } from '../poc2-bridge.ts';

/** `db.wake(TO_POC2)` sends now. */
export const TO_POC2 = 'to_poc2';
const BATCH = 250;
/** A transaction for each message would cost more than the messages. */
const GATHER_MS = 20;

const counted =
  (outcome: Counted['outcome']) =>
  ({ kind }: Waiting): Counted => ({
    direction: 'to-poc2',
    kind,
    outcome,
    count: 1,
  });

/**
 * Publishes what waits, and deletes it in the same transaction. If the process or the connection ends in
 * between, the messages are published again with the same ids: at least once.
 */
export const startSender = ({ db, clock, log, state }: BridgeService): Worker => {
  const publish = async (sent: readonly Waiting[]): Promise<void> => {
    const pipeline = state.publisher.pipeline();
    for (const { messages } of sent)
      for (const { channel, text } of messages) pipeline.publish(channel, text);
    const failed = (await pipeline.exec())?.find(([error]) => error);
    if (failed?.[0]) throw failed[0];
  };

  const run = async (): Promise<boolean> => {
    // Its return wakes the sender.
    if (state.publisher.status !== 'ready') return false;
    const now = clock.now();
    const taken = await db.transaction(async (tx) => {
      const waiting = await takeWaiting(tx, BATCH, now);
      if (waiting.length === 0) return 0;
      const { sent, late, held } = divide(waiting, now.getTime());
      const counts = summed([...sent.map(counted('passed')), ...late.map(counted('late'))]);
      const postponed = held.map(({ seq, arrivedAtMs }) => ({ seq, dueAt: new Date(arrivedAtMs + HOLD_MS) }));
      await settleWaiting(tx, { done: [...sent, ...late], held: postponed }, now);
      await addCounts(tx, counts, now);
      if (sent.length > 0) await publish(sent);
      tx.afterCommit(() => countMessages(counts));
      return waiting.length;
    });
    if (taken > 0 && taken < BATCH) await sleep(GATHER_MS);
    return taken > 0;
  };

  const sender = worker({ name: 'send-to-poc2', work: TO_POC2, db, pollMs: 1_000, log, run });
  state.publisher.on('ready', sender.wake);
  return sender;
};
