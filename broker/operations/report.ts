import type { NodeReport, ServiceReport } from '../../shared/contracts/operations.ts';
import type { Amqp } from '../amqp/connection.ts';
import type { ServiceQueue } from '../events/hub.ts';
import { outboxLagOf } from '../events/queue-depth.ts';
import type { Database } from '../postgres/database.ts';
import { programVersion } from '../process/program-version.ts';
import { measureChecks, type Check } from '../process/health.ts';

/** A service of this process; `db` and `queue` are null where it has none. */
type Reported = { name: string; db: Database | null; queue: ServiceQueue | null };

export type ReportSources = {
  startedAt: Date;
  amqp: Amqp | null;
  checks: ReadonlyMap<string, Check>;
  services: readonly Reported[];
};

const LIMIT_MS = 700;

/** The result, or null when it fails or takes too long: one dependency must not hide the others. */
const orNull = async <T>(promise: Promise<T>): Promise<T | null> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<null>((resolve) => {
    timer = setTimeout(() => resolve(null), LIMIT_MS);
  });
  try {
    return await Promise.race([promise.catch(() => null), late]);
  } finally {
    clearTimeout(timer);
  }
};

const reportOf = async ({ name, db, queue }: Reported): Promise<ServiceReport> => {
  const [outbox, depth] = await Promise.all([db && orNull(outboxLagOf(db)), queue && orNull(queue.depth())]);
  return { name, outbox, pool: db && db.poolUse(), queue: depth };
};

/** The share of one core between two calls. */
const cpuMeter = () => {
  let [cpu, atMs] = [process.cpuUsage(), performance.now()];
  return (): number => {
    const used = process.cpuUsage(cpu);
    const nowMs = performance.now();
    const share = (used.user + used.system) / 1_000 / Math.max(1, nowMs - atMs);
    [cpu, atMs] = [process.cpuUsage(), nowMs];
    return Math.round(share * 1_000) / 1_000;
  };
};

/** Returns the function that reports the state of this process. */
export const reporter = ({ startedAt, amqp, checks, services }: ReportSources) => {
  const version = programVersion();
  const cpuShare = cpuMeter();
  return async (): Promise<NodeReport> => {
    const [dependencies, reports] = await Promise.all([
      measureChecks(checks),
      Promise.all(services.map(reportOf)),
    ]);
    return {
      version,
      nodeVersion: process.version,
      startedAt: startedAt.toISOString(),
      memoryBytes: process.memoryUsage.rss(),
      cpuShare: cpuShare(),
      rabbitmq: amqp && amqp.version(),
      dependencies,
      services: reports,
    };
  };
};
