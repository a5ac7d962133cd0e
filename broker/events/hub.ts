/** A fact on its way: what the outbox holds and what a listener hears. */
export type FactMessage = {
  /** `fct_…`; the same for every delivery of the same fact. */
  id: string;
  /** Full name, for example `payments.completed`. */
  fact: string;
  version: number;
  /** JSON text, exactly as it was written with the change. */
  payload: string;
  requestId: string | null;
  /** Milliseconds since the epoch. */
  occurredAtMs: number;
};

/**
 * Carries facts from the rooms that tell them to the rooms that hear them: at least once, in no promised
 * order.
 */
export type Hub = {
  /**
   * Resolves when every hearing room has all of them safe; rejects when one may not, and all are sent again.
   */
  publish(messages: readonly FactMessage[]): Promise<void>;
  /** `accept` makes messages safe in the hearing room, or throws. */
  subscribe(
    room: string,
    facts: readonly string[],
    accept: (messages: readonly FactMessage[]) => Promise<void>,
  ): void;
};

/** All rooms in one process: a fact is handed straight to the inboxes of those that hear it. */
export const inProcessHub = (): Hub => {
  const subscriptions: { facts: Set<string>; accept: (messages: readonly FactMessage[]) => Promise<void> }[] =
    [];
  return {
    publish: async (messages) => {
      for (const { facts, accept } of subscriptions) {
        const heard = messages.filter((message) => facts.has(message.fact));
        if (heard.length > 0) await accept(heard);
      }
    },
    subscribe: (_room, facts, accept) => {
      subscriptions.push({ facts: new Set(facts), accept });
    },
  };
};
