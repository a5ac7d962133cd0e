import { contract } from './contract.ts';

/** The processor sandbox offers HTTP only, as a card processor does: no actions or events on the bus. */
export const processorSandbox = contract('processor-sandbox', { actions: {}, events: {} });
