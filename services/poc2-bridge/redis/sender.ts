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

/** What Redis will answer again: no right to the channel, or a command that it refuses. */
const REFUSAL = /^(?:NOPERM|ERR)\b/;

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
  /** Publishes all. @returns those of which Redis refuses a message; what it refuses is lost */
  const publish = async (sent: readonly Waiting[]): Promise<ReadonlySet<Waiting>> => {
    const all = sent.flatMap((one) => one.messages.map((message) => ({ one, ...message })));
    const pipeline = state.publisher.pipeline();
    for (const { channel, text } of all) pipeline.publish(channel, text);
    const refused = new Map<string, Error>();
    const refusedOf = new Set<Waiting>();
    for (const [at, [error]] of ((await pipeline.exec()) ?? []).entries()) {
      if (!error) continue;
      const asked = all[at];
      if (!asked || !REFUSAL.test(error.message)) throw error;
      refused.set(asked.channel, error);
      refusedOf.add(asked.one);
    }
    for (const [channel, error] of refused)
      log.error({ err: error, channel }, "POC-2's Redis refuses messages of this channel");
    return refusedOf;
  };

  const run = async (): Promise<boolean> => {
    // Its return wakes the sender.
    if (state.publisher.status !== 'ready') return false;
    const now = clock.now();
    const taken = await db.transaction(async (tx) => {
      const waiting = await takeWaiting(tx, BATCH, now);
      if (waiting.length === 0) return 0;
      const { sent, late, held } = divide(waiting, now.getTime());
      const postponed = held.map(({ seq, arrivedAtMs }) => ({ seq, dueAt: new Date(arrivedAtMs + HOLD_MS) }));
      await settleWaiting(tx, { done: [...sent, ...late], held: postponed }, now);
      const refused = await publish(sent);
      const counts = summed([
        ...sent.map((one) => counted(refused.has(one) ? 'refused' : 'passed')(one)),
        ...late.map(counted('late')),
      ]);
      await addCounts(tx, counts, now);
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
