import * as z from 'zod/mini';
import { listen, type Heard } from '../../broker/events/inbox.ts';
import { defineRoom, type Room } from '../../broker/room.ts';
import { contract, type Fact } from '../../shared/contracts/contract.ts';
import { payments } from '../../shared/contracts/payments.ts';

/** One fact that was handled: from the time that its row says until its listener's transaction was done. */
export type Handled = { fact: string; delayMs: number };

type HearerRoom = Room<unknown, { handled: Handled[] }>;

/** Remembers when a fact was handled, besides the inbox row that every listener's transaction writes. */
const note =
  (fact: Fact) =>
  async ({ state, clock }: HearerRoom, { tx, occurredAtMs }: Heard<Fact>): Promise<void> => {
    tx.afterCommit(() => state.handled.push({ fact: fact.name, delayMs: clock.nowMs() - occurredAtMs }));
  };

const { created, completed } = payments.facts;

const hearer = contract('hearer', { actions: {}, facts: {} });

/** A room of the benches: hears what payments tells, in a process and a database of its own. */
export const room = defineRoom<typeof hearer, z.ZodMiniType, { handled: Handled[] }>({
  contract: hearer,
  config: z.object({}),
  database: {
    env: 'HEARER_DATABASE_URL',
    migrations: new URL('../../broker/events/no-migrations/', import.meta.url),
  },
  actions: {},
  listeners: [listen(created, note(created)), listen(completed, note(completed))],
  state: () => ({ handled: [] }),
});
