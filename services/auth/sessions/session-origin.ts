import { describeUserAgent } from '../devices/user-agent.ts';
import type { SessionOrigin } from '../persistence/sessions/sessions.ts';

/** The source of a call, as the edge saw it. */
export type Source = { address: string | null; userAgent: string | null };

export const originOf = ({ address, userAgent }: Source): SessionOrigin => ({
  ...describeUserAgent(userAgent),
  address,
});
