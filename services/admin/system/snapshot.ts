import { CONTRACTS } from '../../../shared/contracts/all.ts';
import type {
  SystemProcess,
  SystemSample,
  SystemService,
  SystemSnapshot,
} from '../../../shared/contracts/admin/system.ts';
import type { ServiceReport } from '../../../shared/contracts/operations.ts';
import { placeOf, withoutReplaced } from '../domain/processes.ts';
import type { SystemWatch, Watched } from './watch.ts';

/** Services that have to be there, with or without a process: those with a contract, and the entry. */
const EXPECTED: readonly string[] = ['gateway', ...CONTRACTS.map(({ service }) => service)];

const subscribersOf = (service: string): string[] => {
  const events = CONTRACTS.find((contract) => contract.service === service)?.events ?? {};
  return [...new Set(Object.values(events).flatMap(({ subscribers = [] }) => subscribers))].sort();
};

const processOf = ({ id, services, seen, report, answerMs }: Watched): SystemProcess => {
  // What a process said before it fell silent is not its state now.
  const isUp = seen.state === 'up';
  return {
    id,
    services: [...services],
    replica: placeOf(id).replica,
    state: seen.state,
    since: new Date(seen.sinceMs).toISOString(),
    version: report?.version ?? null,
    nodeVersion: report?.nodeVersion ?? null,
    startedAt: report?.startedAt ?? null,
    memoryBytes: isUp ? (report?.memoryBytes ?? null) : null,
    cpuShare: isUp ? (report?.cpuShare ?? null) : null,
    answerMs: isUp ? answerMs : null,
    dependencies: isUp ? (report?.dependencies ?? []) : [],
  };
};

type Reader = { id: string; report: ServiceReport };

const sumOf = (pools: readonly ServiceReport['pool'][]): ServiceReport['pool'] =>
  pools.reduce((sum, pool) => {
    if (!sum || !pool) return sum ?? pool;
    const { max, open, busy, waiting } = pool;
    return {
      max: sum.max + max,
      open: sum.open + open,
      busy: sum.busy + busy,
      waiting: sum.waiting + waiting,
    };
  }, null);

/** Outbox and queue are the same for all processes of a service: those of the first one that could read. */
const serviceOf = (name: string, readers: readonly Reader[]): SystemService => {
  const reader = readers.find(({ report: { outbox, queue } }) => outbox ?? queue) ?? readers[0];
  return {
    name,
    readBy: reader?.id ?? null,
    outbox: reader?.report.outbox ?? null,
    queue: reader?.report.queue ?? null,
    pool: sumOf(readers.map(({ report }) => report.pool)),
    sendsTo: subscribersOf(name),
  };
};

const readersOf = (watched: readonly Watched[], name: string): Reader[] =>
  watched
    .filter(({ seen }) => seen.state === 'up')
    .flatMap(({ id, report }) => {
      const own = report?.services.find((service) => service.name === name);
      return own ? [{ id, report: own }] : [];
    })
    .sort((a, b) => a.id.localeCompare(b.id));

/** The system as it was last seen; null before the first look. */
export const snapshotOf = (watch: SystemWatch, ownId: string): SystemSnapshot | null => {
  const at = watch.lookedAt();
  if (!at) return null;
  const watched = watch.processes();
  const processes = withoutReplaced(watched.map(processOf)).sort((a, b) => a.id.localeCompare(b.id));
  const names = new Set([...EXPECTED, ...processes.flatMap(({ services }) => services)]);
  const services = [...names].sort().map((name) => serviceOf(name, readersOf(watched, name)));
  return {
    at: at.toISOString(),
    readBy: ownId,
    rabbitmq: watched.find(({ id }) => id === ownId)?.report?.rabbitmq ?? null,
    services,
    processes,
    deadLetters: services.reduce((sum, { queue }) => sum + (queue?.dead ?? 0), 0),
  };
};

/** The figures that history keeps. */
export const sampleOf = ({ services, processes }: SystemSnapshot, at: Date): SystemSample => {
  const sum = (figure: (service: SystemService) => number | undefined) =>
    services.reduce((total, service) => total + (figure(service) ?? 0), 0);
  const count = (...states: string[]) => processes.filter(({ state }) => states.includes(state)).length;
  return {
    at: at.toISOString(),
    up: count('up'),
    down: count('silent', 'died'),
    waiting: sum(({ queue }) => queue?.waiting),
    retrying: sum(({ queue }) => queue?.retrying),
    dead: sum(({ queue }) => queue?.dead),
    outboxRows: sum(({ outbox }) => outbox?.rows),
    outboxOldestS: Math.max(0, ...services.map(({ outbox }) => outbox?.oldestS ?? 0)),
  };
};

/** What pages show at once when it changes; times and loads change all the time. */
export const printOf = ({ services, processes }: SystemSnapshot): string =>
  JSON.stringify([
    processes.map(({ id, state, dependencies }) => [
      id,
      state,
      dependencies.filter(({ ok }) => !ok).map(({ name }) => name),
    ]),
    services.map(({ name, readBy, outbox, queue }) => [name, readBy, outbox?.rows, queue]),
  ]);
