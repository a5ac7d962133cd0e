import type { Client } from '../../../../../shared/client/client.ts';
import type { Currency } from '../../../../../shared/contracts/currencies.ts';
import { payments } from '../../../../../shared/contracts/payments.ts';
import type { Party } from '../../../../../shared/contracts/payments.ts';

/** The vendors that the user paid last; without an answer the form offers none. */
export const createRecent = (client: Client) => {
  let vendors = $state.raw<readonly Party[]>([]);
  return {
    get vendors() {
      return vendors;
    },
    /** Resolves to the currency of the last payment. */
    load: async (): Promise<Currency | null> => {
      const found = await client.call(payments.actions.recentPayees, {}).catch(() => null);
      vendors = found?.items ?? [];
      return found?.currency ?? null;
    },
  };
};
