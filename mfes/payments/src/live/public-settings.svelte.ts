import { watchPublicSettings } from '../../../../shared/client/public-settings.ts';
import type { Host } from '../../../../shared/client/host.ts';
import type { LargestAmounts, PublicSettings } from '../../../../shared/contracts/admin/settings.ts';

export type PaymentLimits = {
  /** Whether no new payment can be made at the moment. */
  readonly stopped: boolean;
  /** By currency, in minor units; empty until they are known. */
  readonly largestAmounts: LargestAmounts;
  /** Reads at once, as after a refusal that shows that they have changed. */
  read(): void;
  stop(): void;
};

/** What is stopped and limited for everybody. Until it is known, nothing is: the server has the last word. */
export const createPaymentLimits = (host: Pick<Host, 'client' | 'live' | 'on'>): PaymentLimits => {
  let settings = $state.raw<PublicSettings | null>(null);
  const watch = watchPublicSettings(host, (now) => (settings = now));
  return {
    get stopped() {
      return settings?.paymentsStopped ?? false;
    },
    get largestAmounts() {
      return settings?.largestAmounts ?? {};
    },
    ...watch,
  };
};
