import type { AdminAction } from '../admin.ts';
import { order } from '../dead-letters/order.ts';

export const discardDeadLetters: AdminAction<'discardDeadLetters'> = (service, call) =>
  order(service, call, 'discard');
