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

/** Runs all checks at once, each within a second. */
export const runChecks = async (checks: ReadonlyMap<string, Check>): Promise<Readiness> => {
  const results = await Promise.all(
    [...checks].map(async ([name, { run }]) => [name, await within(run)] as const),
  );
  const ok = results.every(([name, result]) => result === true || checks.get(name)?.optional);
  return { ok, checks: Object.fromEntries(results) };
};
