/** An event on its way: what the outbox holds and what a subscriber hears. */
export type EventMessage = {
  /** `fct_…`; the same for every delivery of the same event. */
  id: string;
  /** Full name, for example `payments.completed`. */
  event: string;
  /** Of the payload's schema. */
  version: number;
  /** JSON text, exactly as it was written with the change. */
  payload: string;
  requestId: string | null;
  /** Milliseconds since the epoch. */
  occurredAtMs: number;
};

/** A message that no further try makes better: it becomes a dead letter at once. */
export class PoisonMessage extends Error {
  override readonly name = 'PoisonMessage';
}

/** The service that an event belongs to, and that alone may tell it. */
export const serviceOfEvent = (event: string): string => event.slice(0, Math.max(0, event.lastIndexOf('.')));
