import { freezePayments, killCopy, killPayments } from './f1-kill-payments.ts';
import { killOthers } from './f2-kill-others.ts';
import { sameKey, sameKeyCopy } from './f8-same-key.ts';
import { cancel, cancelCopy, processor, processorCopy } from './f9-processor.ts';
import type { Fault } from './fault.ts';

/** In the order in which they run. */
export const FAULTS: readonly Fault[] = [
  killPayments,
  freezePayments,
  killOthers,
  sameKey,
  processor,
  cancel,
  killCopy,
  sameKeyCopy,
  processorCopy,
  cancelCopy,
];
