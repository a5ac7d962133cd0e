import type { Message, PayloadOf } from '../contracts/contract.ts';
import type { Host } from './host.ts';

/**
 * The name under which listeners hear that messages were missed: before the first connection, or for good
 * after a later one. What was read until then has to be read again.
 */
export const REREAD = 'reread';

/** Calls the listener with what a message of a contract tells; returns the function that stops it. */
export const hear = <M extends Message>(
  live: Pick<Host['live'], 'on'>,
  { name }: M,
  listener: (told: PayloadOf<M>) => void,
): (() => void) => live.on(name, (told) => listener(told as PayloadOf<M>));
