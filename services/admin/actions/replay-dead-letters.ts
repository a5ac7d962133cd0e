import type { AdminAction } from '../admin.ts';
import { order } from '../dead-letters/order.ts';

export const replayDeadLetters: AdminAction<'replayDeadLetters'> = (service, call) =>
  order(service, call, 'replay');
