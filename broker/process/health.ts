/** One dependency of a process: true, or the reason why it is not available. */
type Checks = Record<string, true | string>;
export type Readiness = { ok: boolean; checks: Checks };

const LIMIT_MS = 1_000;

const within = async (check: () => Promise<unknown>): Promise<true | string> => {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string>((resolve) => {
    timer = setTimeout(() => resolve(`no answer in ${LIMIT_MS} ms`), LIMIT_MS);
  });
  try {
    return await Promise.race([check().then(() => true as const), late]);
  } catch (error) {
    return error instanceof Error ? error.message : 'failed';
  } finally {
    clearTimeout(timer);
  }
};

/** A health check: it rejects with the reason. A process is ready also when an optional one fails. */
export type Check = { run: () => Promise<unknown>; optional: boolean };

/** The outcome of one check, with the time that it took. */
export type CheckResult = { name: string; ok: boolean; optional: boolean; reason: string | null; ms: number };

/** Runs all checks at once, each within a second, and measures them. */
export const measureChecks = (checks: ReadonlyMap<string, Check>): Promise<CheckResult[]> =>
  Promise.all(
    [...checks].map(async ([name, { run, optional }]) => {
      const startedMs = performance.now();
      const result = await within(run);
      const ms = Math.round((performance.now() - startedMs) * 10) / 10;
      return { name, ok: result === true, optional, reason: result === true ? null : result, ms };
    }),
  );

/** Whether a process is ready: all checks but the optional ones pass. */
export const runChecks = async (checks: ReadonlyMap<string, Check>): Promise<Readiness> => {
  const results = await measureChecks(checks);
  return {
    ok: results.every(({ ok, optional }) => ok || optional),
    checks: Object.fromEntries(results.map(({ name, ok, reason }) => [name, ok || (reason ?? 'failed')])),
  };
};
