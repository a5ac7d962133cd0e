import type { Message, PayloadOf } from '../contracts/contract.ts';
import type { Host } from './host.ts';

/**
 * The name for missed messages: before the first connection, or for good after a later one. Data read until
 * then must be read again.
 */
export const REREAD = 'reread';

/** Calls the listener with the payload of each such message; returns the function that stops it. */
export const onMessageOf = <M extends Message>(
  live: Pick<Host['live'], 'on'>,
  { name }: M,
  listener: (message: PayloadOf<M>) => void,
): (() => void) => live.on(name, (message) => listener(message as PayloadOf<M>));
