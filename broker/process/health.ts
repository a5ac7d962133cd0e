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

/** Runs all checks at once, each within a second. */
export const runChecks = async (checks: ReadonlyMap<string, () => Promise<unknown>>): Promise<Readiness> => {
  const results = await Promise.all(
    [...checks].map(async ([name, check]) => [name, await within(check)] as const),
  );
  return { ok: results.every(([, result]) => result === true), checks: Object.fromEntries(results) };
};
