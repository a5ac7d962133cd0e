/** An event in transit, from the outbox to its subscribers. */
export type EventMessage = {
  /** `evt_…`; the same for every delivery of the event. */
  id: string;
  /** Full name, for example `payments.completed`. */
  event: string;
  /** Version of the payload's schema. */
  version: number;
  /** JSON text, exactly as it was written with the change. */
  payload: string;
  requestId: string | null;
  /** JSON text of who made the request, and of its trace; null where neither is known. */
  origin: string | null;
  /** Milliseconds since the epoch. */
  occurredAtMs: number;
};

/** A message that no retry can help: it becomes a dead letter at once. */
export class PoisonMessage extends Error {
  override readonly name = 'PoisonMessage';
}

/** The service that owns an event and alone may publish it. */
export const serviceOfEvent = (event: string): string => event.slice(0, Math.max(0, event.lastIndexOf('.')));
