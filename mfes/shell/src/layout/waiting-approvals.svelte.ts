import { onMessageOf } from '../../../../shared/client/on-message.ts';
import { auth } from '../../../../shared/contracts/auth/auth.ts';
import { realtime } from '../../../../shared/contracts/realtime.ts';
import { now } from '../../../../shared/ui/now.svelte.ts';
import { onMessage, onStale } from '../live/live.svelte.ts';
import { client } from '../session/session.svelte.ts';

/** More are counted as so many. */
const COUNTED_MAX = 100;

/** How many requests wait for an approval, kept current. Call it while a component is created. */
export const createWaitingApprovals = () => {
  let expiries = $state.raw<number[]>([]);
  let reads = 0;
  const read = async (): Promise<void> => {
    const number = ++reads;
    try {
      const { items } = await client.call(auth.actions.approvals, { limit: COUNTED_MAX });
      if (number === reads) expiries = items.map(({ expiresAt }) => Date.parse(expiresAt));
    } catch {
      // A number that is not known is not shown; the page of approvals says why.
    }
  };
  $effect(() => {
    const stops = [
      onStale(() => void read()),
      onMessageOf({ on: onMessage }, realtime.messages.approvalsChanged, () => void read()),
    ];
    void read();
    return () => stops.forEach((stop) => stop());
  });
  return {
    get count() {
      return expiries.filter((expiry) => expiry > now()).length;
    },
  };
};
