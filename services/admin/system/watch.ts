import type { KnownNode, Nodes } from '../../../broker/operations/nodes.ts';
import type { Clock } from '../../../broker/process/clock.ts';
import type { Logger } from '../../../broker/process/logger.ts';
import type { NodeReport } from '../../../shared/contracts/operations.ts';
import { afterSight, type Seen, type Sight } from '../domain/processes.ts';
import type { ChangeRow, NewChange } from '../persistence/system.ts';

/** A process with what it last said of itself. */
export type Watched = {
  id: string;
  services: readonly string[];
  seen: Seen;
  report: NodeReport | null;
  answerMs: number | null;
};

/** How long a process that has gone is remembered. */
export const REMEMBERED_MS = 3_600_000;
/** An own registry is complete by then: processes answer a new one at once. */
const REGISTRY_COMPLETE_MS = 5_000;
/** Changes that wait for the database, at most. */
const UNSAVED_MAX = 1_000;

export type SystemWatch = {
  /** Asks all processes, each for a second at most. */
  look(): Promise<void>;
  /** What was known before this process started. */
  recall(rows: readonly ChangeRow[]): void;
  processes(): readonly Watched[];
  /** When the processes were last asked; null before the first time. */
  lookedAt(): Date | null;
  /** Changes that are not saved yet; `saved` removes the oldest ones. */
  unsaved(): readonly NewChange[];
  saved(count: number): void;
};

type Sources = { nodes: Nodes; nodeId: string; clock: Clock; log: Pick<Logger, 'warn'> };
type Asked = { report: NodeReport; answerMs: number } | null;

/** RabbitMQ is this process's only way to the others: without it nothing is seen of them. */
const seesOthers = (own: Asked): boolean =>
  own === null || own.report.dependencies.every(({ name, ok }) => name !== 'RabbitMQ' || ok);

const askFor = async (nodes: Nodes, nodeId: string, service: string): Promise<Asked | Error> => {
  const startMs = performance.now();
  try {
    const report = await nodes.ask('report', { nodeId, service }, {});
    return { report, answerMs: Math.round((performance.now() - startMs) * 10) / 10 };
  } catch (error) {
    return error as Error;
  }
};

/**
 * Follows all processes: asks each for its state and learns from RabbitMQ, through Moleculer's registry, when
 * one leaves.
 */
export const systemWatch = ({ nodes, nodeId: ownId, clock, log }: Sources): SystemWatch => {
  const known = new Map<string, Watched>();
  const changes: NewChange[] = [];
  const startedMs = performance.now();
  let lookedAt: Date | null = null;

  const see = (id: string, services: readonly string[], sight: Sight, asked: Asked): void => {
    const before = known.get(id) ?? null;
    const seen = afterSight(before?.seen ?? null, sight, clock.nowMs());
    const report = asked?.report ?? before?.report ?? null;
    known.set(id, { id, services, seen, report, answerMs: asked?.answerMs ?? before?.answerMs ?? null });
    if (before?.seen.state === seen.state) return;
    changes.push({ at: new Date(seen.sinceMs), nodeId: id, services, state: seen.state });
    if (changes.length > UNSAVED_MAX) changes.shift();
  };

  nodes.onLost(({ nodeId, died }) => {
    const { services } = known.get(nodeId) ?? {};
    if (services) see(nodeId, services, died ? 'died' : 'stopped', null);
  });

  const ask = async ({ nodeId, services }: KnownNode): Promise<Asked> => {
    const asked = await askFor(nodes, nodeId, services[0] ?? '');
    if (!(asked instanceof Error)) return asked;
    if (known.get(nodeId)?.seen.state === 'up')
      log.warn({ err: asked, node: nodeId }, 'process does not answer');
    return null;
  };

  /** Who is remembered from before the start and is not there any more. */
  const dropGone = (present: ReadonlySet<string>): void => {
    const isComplete = performance.now() - startedMs > REGISTRY_COMPLETE_MS;
    for (const { id, services, seen } of known.values()) {
      const isGone = seen.state === 'died' || seen.state === 'stopped';
      if (isGone && clock.nowMs() - seen.sinceMs > REMEMBERED_MS) known.delete(id);
      // Nobody saw how it left. If it is missed, its service has no process, or another one is in its place.
      if (!isGone && isComplete && !present.has(id)) see(id, services, 'stopped', null);
    }
  };

  return {
    look: async () => {
      const all = nodes.all();
      const answers = await Promise.all(all.map(ask));
      const own = answers[all.findIndex(({ nodeId }) => nodeId === ownId)] ?? null;
      if (!seesOthers(own)) return;
      // Who left meanwhile was reported as gone.
      const present = new Set(nodes.all().map(({ nodeId }) => nodeId));
      for (const [index, { nodeId, services }] of all.entries()) {
        const asked = answers[index] ?? null;
        if (present.has(nodeId)) see(nodeId, services, asked ? 'answered' : 'unanswered', asked);
      }
      dropGone(present);
      lookedAt = clock.now();
    },
    recall: (rows) => {
      for (const { node_id: id, services, state, at } of rows) {
        const seen: Seen = { state, sinceMs: at.getTime(), unanswered: 0 };
        if (!known.has(id)) known.set(id, { id, services, seen, report: null, answerMs: null });
      }
    },
    processes: () => [...known.values()],
    lookedAt: () => lookedAt,
    unsaved: () => changes,
    saved: (count) => void changes.splice(0, count),
  };
};
