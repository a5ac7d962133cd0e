import { describeUserAgent } from '../devices/user-agent.ts';
import type { SessionOrigin } from '../persistence/sessions/sessions.ts';

/** Where a call comes from, as the edge saw it. */
export type Source = { address: string | null; userAgent: string | null };

export const placeOf = ({ address, userAgent }: Source): SessionOrigin => ({
  ...describeUserAgent(userAgent),
  address,
});
