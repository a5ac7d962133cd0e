import { AsyncLocalStorage } from 'node:async_hooks';
import type { Envelope } from './envelope.ts';

/** Who made a request, and from where. */
export type RequestOrigin = Pick<Envelope, 'caller' | 'address' | 'userAgent' | 'traceId'>;

type Request = { id: string | null; origin: RequestOrigin | null };

const requests = new AsyncLocalStorage<Request>();

/**
 * Runs `run` as part of a request: asynchronous work in it belongs to the request too, and its events carry
 * the request's id and origin.
 * @param requestId null outside of a request
 * @param origin null where nobody asked, or where it is not known
 */
export const runInRequest = <T>(
  requestId: string | null,
  run: () => T,
  origin: RequestOrigin | null = null,
): T => requests.run({ id: requestId, origin }, run);

/** The request of the running code, or null. */
export const currentRequestId = (): string | null => requests.getStore()?.id ?? null;

/** Who made the request of the running code, as JSON; null where neither caller nor address is known. */
export const currentOrigin = (): string | null => {
  const origin = requests.getStore()?.origin;
  return origin && (origin.caller || origin.address !== null) ? JSON.stringify(origin) : null;
};
