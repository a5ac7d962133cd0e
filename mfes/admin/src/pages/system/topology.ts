import type {
  ProcessState,
  SystemProcess,
  SystemService,
  SystemSnapshot,
} from '../../../../../shared/contracts/admin/system.ts';

type Dependency = SystemProcess['dependencies'][number];

/** Something that is wrong; `danger` is urgent. */
export type Finding = { level: 'danger' | 'warning'; text: string; href?: string };

/** A service with its processes and the databases that only it uses. */
export type ServiceView = {
  service: SystemService;
  processes: SystemProcess[];
  /** What the processes say of the service's own database. */
  databases: Dependency[];
  state: 'up' | 'partly' | 'down';
};

/** What several services use, such as RabbitMQ, and the processes that cannot reach it. */
export type SharedView = { name: string; ok: number; failing: { process: SystemProcess; reason: string }[] };

const OLD_OUTBOX_S = 10;

/** `payments 1`: a process as people call it. */
export const nameOf = ({ services, replica }: Pick<SystemProcess, 'services' | 'replica'>): string =>
  services.length > 1 ? 'The one process' : `${services[0] ?? 'process'} ${replica}`;

export const STATE_TEXTS: Record<ProcessState, string> = {
  up: 'answers',
  silent: 'does not answer',
  died: 'died',
  stopped: 'stopped',
};

const databaseOf = (service: string): string => `${service} database`;

export const serviceViews = ({ services, processes }: SystemSnapshot): ServiceView[] =>
  services.map((service) => {
    const own = processes.filter((process) => process.services.includes(service.name));
    const up = own.filter(({ state }) => state === 'up');
    const databases = up.flatMap(({ dependencies }) =>
      dependencies.filter(({ name }) => name === databaseOf(service.name)),
    );
    const isWhole =
      own.every(({ state }) => state === 'up' || state === 'stopped') && databases.every(({ ok }) => ok);
    const state = up.length === 0 ? 'down' : isWhole ? 'up' : 'partly';
    return { service, processes: own, databases, state };
  });

/** `started` is about the process itself. */
const OWN = 'started';

export const sharedViews = ({ services, processes }: SystemSnapshot): SharedView[] => {
  const databases = new Set(services.map(({ name }) => databaseOf(name)));
  const views = new Map<string, SharedView>();
  for (const process of processes) {
    for (const { name, ok, reason } of process.dependencies) {
      if (databases.has(name) || name === OWN) continue;
      const view = views.get(name) ?? { name, ok: 0, failing: [] };
      if (ok) view.ok += 1;
      else view.failing.push({ process, reason: reason ?? 'no reason given' });
      views.set(name, view);
    }
  }
  return [...views.values()].sort((a, b) => a.name.localeCompare(b.name));
};

const ofProcess = (process: SystemProcess): Finding[] => {
  const { state, dependencies } = process;
  const name = nameOf(process);
  if (state === 'silent') return [{ level: 'danger', text: `${name} does not answer.` }];
  if (state === 'died') return [{ level: 'danger', text: `${name} died, and no other has its place.` }];
  return dependencies
    .filter(({ ok }) => !ok)
    .map(({ name: what, reason, optional }): Finding => {
      const subject = what === OWN ? `${name} is still starting` : `${name} cannot use ${what}`;
      return { level: optional ? 'warning' : 'danger', text: `${subject}: ${reason}.` };
    });
};

const ofService = ({ service, state, processes }: ServiceView): Finding[] => {
  const { name, queue, outbox } = service;
  const found: Finding[] = [];
  // One that is gone is named by its process.
  if (state === 'down' && processes.every((process) => process.state === 'stopped'))
    found.push({ level: 'danger', text: `No process of ${name} is there.` });
  if (queue && queue.dead > 0) {
    const letters = queue.dead === 1 ? '1 event' : `${queue.dead} events`;
    const href = `/admin/dead-letters?service=${encodeURIComponent(name)}`;
    found.push({ level: 'warning', text: `${name} could not handle ${letters}.`, href });
  }
  if (queue?.consumers === 0) found.push({ level: 'danger', text: `Nobody handles the queue of ${name}.` });
  if (outbox && outbox.oldestS > OLD_OUTBOX_S) {
    const age = Math.round(outbox.oldestS);
    found.push({ level: 'warning', text: `An event of ${name} waits to be published since ${age} s.` });
  }
  return found;
};

/** All that is wrong, the urgent first; nothing is assumed about what did not answer. */
export const findingsOf = (snapshot: SystemSnapshot): Finding[] => {
  const found = [...snapshot.processes.flatMap(ofProcess), ...serviceViews(snapshot).flatMap(ofService)];
  return found.sort((a, b) => Number(b.level === 'danger') - Number(a.level === 'danger'));
};

/** Seconds as people read them: tenths of short times only. */
export const secondsText = (value: number): string =>
  `${value < 10 ? Math.round(value * 10) / 10 : Math.round(value)} s`;

/** What a process that answers says of itself: `164 MB, answers in 3 ms`. */
export const loadText = ({ memoryBytes, answerMs }: SystemProcess): string =>
  [
    ...(memoryBytes === null ? [] : [megabytes(memoryBytes)]),
    ...(answerMs === null ? [] : [`answers in ${answerMs} ms`]),
  ].join(', ');

/** Bytes as people read them. */
const megabytes = (bytes: number): string => `${Math.round(bytes / 1_000_000)} MB`;
