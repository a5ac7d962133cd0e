import { AsyncLocalStorage } from 'node:async_hooks';

const requests = new AsyncLocalStorage<string | null>();

/**
 * Runs `run` on behalf of a request; what it awaits belongs to the request too, and the events that it tells
 * carry its id.
 * @param requestId null: of no request, for example an event that none has caused
 */
export const runInRequest = <T>(requestId: string | null, run: () => T): T => requests.run(requestId, run);

/** The request that the running code belongs to, or null. */
export const currentRequestId = (): string | null => requests.getStore() ?? null;
