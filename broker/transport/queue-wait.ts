import type { ConsumeMessage } from 'amqplib';
import type { Clock } from '../process/clock.ts';
import { observeCallQueue } from '../telemetry/metrics.ts';

/** The timestamp of a request: in milliseconds, because only our own processes read it. */
export const sentNow = (clock: Clock): number => Math.round(clock.nowMs());

/** Measures how long a request was under way and in this process's queue. */
export const measureQueue = ({ properties }: ConsumeMessage, clock: Clock): void => {
  const sentAtMs: unknown = properties.timestamp;
  // Clocks differ by a few milliseconds.
  if (typeof sentAtMs === 'number') observeCallQueue(Math.max(0, clock.nowMs() - sentAtMs) / 1_000);
};
