import { auth } from '../../../shared/contracts/auth.ts';
import type { GatewayRoom } from '../gateway.ts';

const FIRST_DELAY_MS = 100;
const MAX_DELAY_MS = 2_000;

/**
 * Asks auth which sessions have ended lately until auth answers: on a bus it may start later than we do, and
 * whoever does not know the list lets nobody in.
 */
export const loadEndedSessions = async ({ state, call, log }: GatewayRoom): Promise<void> => {
  for (let delayMs = FIRST_DELAY_MS; ; delayMs = Math.min(MAX_DELAY_MS, delayMs * 2)) {
    try {
      await state.ended.load(async () => (await call(auth.actions.endedSessions, {})).sessionIds);
      return;
    } catch (error) {
      log.warn({ err: error }, 'auth does not say which sessions have ended; asking again');
      await new Promise((resolve) => setTimeout(resolve, delayMs));
    }
  }
};
