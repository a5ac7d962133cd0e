import { freezePayments, killCopy, killPayments } from './f1-kill-payments.ts';
import { killOthers } from './f2-kill-others.ts';
import { recoveryPoints } from './f3-recovery-points.ts';
import {
  closeChannels,
  closeConnections,
  killClusterNode,
  killRabbitmq,
  stopRabbitmq,
} from './f4-rabbitmq.ts';
import { exhaustPool, killPostgres, lockTable, terminateBackends } from './f5-postgres.ts';
import { loseRedis } from './f6-redis.ts';
import { poison, repeatFacts } from './f7-facts.ts';
import { sameKey, sameKeyCopy } from './f8-same-key.ts';
import { cancel, cancelCopy, processor, processorCopy } from './f9-processor.ts';
import { partitions } from './f11-partition.ts';
import type { Fault } from './fault.ts';

/** In the order in which they run. */
export const FAULTS: readonly Fault[] = [
  killPayments,
  freezePayments,
  killOthers,
  recoveryPoints,
  stopRabbitmq,
  killRabbitmq,
  closeConnections,
  closeChannels,
  killPostgres,
  terminateBackends,
  lockTable,
  exhaustPool,
  loseRedis,
  repeatFacts,
  poison,
  sameKey,
  processor,
  cancel,
  partitions,
  killClusterNode,
  killCopy,
  sameKeyCopy,
  processorCopy,
  cancelCopy,
];
