import { Counter } from 'prom-client';
import type { Counted } from './persistence/counts.ts';

const messages = new Counter({
  name: 'payloom_poc2_messages_total',
  help: 'Messages between POC-2 and this system, by direction, event and outcome',
  labelNames: ['direction', 'event', 'outcome'],
});

/** Counts after the commit. */
export const countMessages = (counted: readonly Counted[]): void => {
  for (const { direction, kind, outcome, count } of counted)
    messages.inc({ direction, event: kind, outcome }, count);
};
