import { freezePayments, killInstance, killPayments } from './f1-kill-payments.ts';
import { killContainers } from './f2-kill-containers.ts';
import { killGraphql } from './f2-kill-graphql.ts';
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
import { sameKey, sameKeyInstance } from './f8-same-key.ts';
import { cancel, cancelInstance, processor, processorInstance, reversals } from './f9-processor.ts';
import { rollingRestart } from './f10-rolling-restart.ts';
import { rollingUpdate } from './f10-rolling-update.ts';
import { partitions } from './f11-partition.ts';
import { slowReaders } from './f12-slow-readers.ts';
import { clocks } from './f13-clocks.ts';
import { revokeSessions } from './f14-revoke.ts';
import { backup } from './f15-backup.ts';
import { systemPage } from './f16-system-page.ts';
import { alerts } from './f17-alerts.ts';
import { settings } from './f18-settings.ts';
import type { Fault } from './fault.ts';

/** In the order in which they run. */
export const FAULTS: readonly Fault[] = [
  killPayments,
  freezePayments,
  killOthers,
  killRealtime,
  killGraphql,
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
  reversals,
  rollingRestart,
  partitions,
  slowReaders,
  clocks,
  revokeSessions,
  backup,
  systemPage,
  alerts,
  settings,
  killClusterNode,
  killInstance,
  sameKeyInstance,
  processorInstance,
  cancelInstance,
  rollingUpdate,
  killContainers,
];

/** Run by every `--short`: faults that could lose or double money. */
const ALWAYS: readonly Fault[] = [killPayments, recoveryPoints, sameKey, processor, cancel, reversals];

/** Of these groups `--short` runs one by turns; each takes about a minute at most. */
const TURNS: readonly (readonly Fault[])[] = [
  [killOthers],
  [killGraphql],
  [stopRabbitmq, killRabbitmq],
  [closeConnections, closeChannels],
  [killPostgres, terminateBackends, repeatEvents, poison],
  [loseRedis],
  [partitions],
  [revokeSessions],
  [killInstance, sameKeyInstance],
];

export const TURN_COUNT = TURNS.length;

/** The faults of a turn, which is counted from 0, and those that run every time. */
export const faultsOfTurn = (turn: number): readonly Fault[] => {
  const chosen = [...ALWAYS, ...(TURNS[turn % TURN_COUNT] ?? [])];
  return FAULTS.filter((fault) => chosen.includes(fault));
};
