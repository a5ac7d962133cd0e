import type { Client } from '../../../../../shared/client/client.ts';
import type { ResultOf } from '../../../../../shared/contracts/contract.ts';
import { payments, type Party } from '../../../../../shared/contracts/payments.ts';

/** The vendors that the user paid last, and the currency of the last payment. */
export type Recent = ResultOf<typeof payments.actions.recentPayees>;

const LIMIT_MS = 1_500;
const NONE: Recent = { items: [], currency: null };

/**
 * What the form begins with. It waits for that, because a line that came later would push its fields down;
 * what takes too long, or fails, is left out.
 */
export const readRecent = (client: Client): Promise<Recent> =>
  client.call(payments.actions.recentPayees, {}, { signal: AbortSignal.timeout(LIMIT_MS) }).catch(() => NONE);

/** The vendor with this id; null for one who cannot be paid, or where no answer came. */
export const readVendor = async (client: Client, id: string): Promise<Party | null> => {
  try {
    const { items } = await client.call(payments.actions.payees, { q: id });
    return items.find((vendor) => vendor.id === id) ?? null;
  } catch {
    return null;
  }
};
