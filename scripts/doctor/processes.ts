import type { Status, UnitStatus } from '../stack/unit.ts';
import { clockFinding, fine, runCheck, wrong, type Finding } from './finding.ts';

const LIMIT_MS = 3_000;
/** The header `Date` has whole seconds. */
const CLOCK_LIMIT_MS = 2_000;

/** Asks a process for its state and its time. @param url of its operations port */
export const checkProcess = (name: string, url: string): Promise<Finding[]> =>
  runCheck(name, async () => {
    const response = await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(LIMIT_MS) });
    const { checks = {} } = (await response.json()) as { checks?: Record<string, true | string> };
    const offsetMs = Date.parse(response.headers.get('date') ?? '') + 500 - Date.now();
    const missing = Object.entries(checks).filter(([, result]) => result !== true);
    const ready =
      response.status === 200
        ? [fine(name, 'It is ready.')]
        : missing.map(([dependency, reason]) =>
            wrong(
              name,
              `It is not ready: ${dependency}: ${reason}.`,
              `Mend ${dependency}; see also its log.`,
            ),
          );
    return [...ready, clockFinding(name, offsetMs, CLOCK_LIMIT_MS)];
  });

/** @param command of the stack's own commands */
const unitFindings = async (unit: UnitStatus, command: string): Promise<Finding[]> => {
  const { name, kind, state, restarts, metricsPort, lastOutput } = unit;
  const restarted =
    restarts === 0
      ? []
      : [
          wrong(
            name,
            `It was restarted ${restarts} times since the stack was started.`,
            `${command} logs ${name} shows why it ended.`,
          ),
        ];
  if (state !== 'ready') {
    const remedy = `${command} start ${name}; if it does not get ready: ${command} logs ${name}`;
    return [
      wrong(name, `It is ${state}.${lastOutput ? ` Its last words: ${lastOutput}` : ''}`, remedy),
      ...restarted,
    ];
  }
  if (kind === 'server' || metricsPort === undefined) return [fine(name, 'It is ready.'), ...restarted];
  return [...(await checkProcess(name, `http://127.0.0.1:${metricsPort}`)), ...restarted];
};

/** Checks all processes and servers of a stack. @param command of its own commands */
export const checkUnits = async ({ units }: Status, command: string): Promise<Finding[]> =>
  (await Promise.all(units.map((unit) => unitFindings(unit, command)))).flat();
