import { AsyncLocalStorage } from 'node:async_hooks';

const requests = new AsyncLocalStorage<string | null>();

/**
 * Runs `run` as part of a request: asynchronous work in it belongs to the request too, and its events carry
 * the request's id.
 * @param requestId null outside of a request
 */
export const runInRequest = <T>(requestId: string | null, run: () => T): T => requests.run(requestId, run);

/** The request of the running code, or null. */
export const currentRequestId = (): string | null => requests.getStore() ?? null;
