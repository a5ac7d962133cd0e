import type { Backoff } from '../process/backoff.ts';

/** Delays before a lost connection or channel is opened again. */
export const RECONNECT: Backoff = { firstMs: 100, maxMs: 1_000 };
