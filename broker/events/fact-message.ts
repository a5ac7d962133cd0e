/** A fact on its way: what the outbox holds and what a listener hears. */
export type FactMessage = {
  /** `fct_…`; the same for every delivery of the same fact. */
  id: string;
  /** Full name, for example `payments.completed`. */
  fact: string;
  /** Of the payload's schema. */
  version: number;
  /** JSON text, exactly as it was written with the change. */
  payload: string;
  requestId: string | null;
  /** Milliseconds since the epoch. */
  occurredAtMs: number;
};

/** A message that no further try makes better: it becomes a dead letter at once. */
export class HopelessFact extends Error {
  override readonly name = 'HopelessFact';
}

/** The room that a fact belongs to, and that alone may tell it. */
export const roomOfFact = (fact: string): string => fact.slice(0, Math.max(0, fact.lastIndexOf('.')));
