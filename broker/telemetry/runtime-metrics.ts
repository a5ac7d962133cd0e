import { statfs } from 'node:fs/promises';
import { collectDefaultMetrics, Gauge, Histogram, register } from 'prom-client';
import { programVersion } from '../process/program-version.ts';
import { withinLimit } from './within-limit.ts';

/** How often the event loop is asked for a turn: a longer delay is seen whenever it happens. */
const TURN_MS = 50;

/** What is kept of prom-client's own metrics. Those of the event loop are reset by each reader. */
const KEPT = new Set([
  'process_cpu_user_seconds_total',
  'process_cpu_system_seconds_total',
  'process_cpu_seconds_total',
  'process_start_time_seconds',
  'process_resident_memory_bytes',
  'process_open_fds',
  'process_max_fds',
  'nodejs_heap_size_total_bytes',
  'nodejs_heap_size_used_bytes',
  'nodejs_external_memory_bytes',
  'nodejs_gc_duration_seconds',
]);

const loopDelay = new Histogram({
  name: 'payloom_event_loop_delay_seconds',
  help: 'How much later than asked for the event loop had a turn, asked for every 50 ms',
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
});
const buildInfo = new Gauge({
  name: 'payloom_build_info',
  help: 'Always 1; the versions of the program and of Node are its labels',
  labelNames: ['version', 'node'],
});
const diskFree = new Gauge({
  name: 'payloom_disk_free_bytes',
  help: 'Free space of the file system in which the process runs',
  collect: () => measureDisk(),
});
const diskSize = new Gauge({
  name: 'payloom_disk_size_bytes',
  help: 'Size of the file system in which the process runs',
});

const measureDisk = async (): Promise<void> => {
  const found = await withinLimit(statfs('.'));
  if (!found) return;
  const { bavail, blocks, bsize } = found;
  diskFree.set(bavail * bsize);
  diskSize.set(blocks * bsize);
};

/** A late turn counts once, with all of its delay. */
const measureLoop = (): void => {
  let dueMs = performance.now() + TURN_MS;
  setInterval(() => {
    const nowMs = performance.now();
    loopDelay.observe(Math.max(0, nowMs - dueMs) / 1_000);
    dueMs = nowMs + TURN_MS;
  }, TURN_MS).unref();
};

let measured = false;

/** Exports what is true of any process: version, memory, CPU, garbage collection, event loop, disk. */
export const measureRuntime = (): void => {
  if (measured) return;
  measured = true;
  const before = new Set(register.getMetricsAsArray().map(({ name }) => name));
  // Its monitor of the event loop cannot be left out, but made idle.
  collectDefaultMetrics({ eventLoopMonitoringPrecision: 3_600_000 });
  for (const { name } of register.getMetricsAsArray())
    if (!before.has(name) && !KEPT.has(name)) register.removeSingleMetric(name);
  buildInfo.set({ version: programVersion(), node: process.version }, 1);
  measureLoop();
};
