import { contract } from './contract.ts';

/** The stand-in for the card processor speaks HTTP only, as the processor does: nothing on the bus. */
export const processorSandbox = contract('processor-sandbox', { actions: {}, events: {} });
