import { freezePayments, killCopy, killPayments } from './f1-kill-payments.ts';
import { killOthers } from './f2-kill-others.ts';
import { killRealtime } from './f2-kill-realtime.ts';
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
import { sessionsWithoutRedis } from './f6-sessions.ts';
import { poison, repeatEvents } from './f7-events.ts';
import { sameKey, sameKeyCopy } from './f8-same-key.ts';
import { cancel, cancelCopy, processor, processorCopy } from './f9-processor.ts';
import { rollingRestart } from './f10-rolling-restart.ts';
import { partitions } from './f11-partition.ts';
import { slowReaders } from './f12-slow-readers.ts';
import { clocks } from './f13-clocks.ts';
import { revoked } from './f14-revoke.ts';
import type { Fault } from './fault.ts';

/** In the order in which they run. */
export const FAULTS: readonly Fault[] = [
  killPayments,
  freezePayments,
  killOthers,
  killRealtime,
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
  sessionsWithoutRedis,
  repeatEvents,
  poison,
  sameKey,
  processor,
  cancel,
  rollingRestart,
  partitions,
  slowReaders,
  clocks,
  revoked,
  killClusterNode,
  killCopy,
  sameKeyCopy,
  processorCopy,
  cancelCopy,
];
