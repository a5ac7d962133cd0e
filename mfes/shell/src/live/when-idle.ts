const FIRST_MS = 800;
const TIMEOUT_MS = 2_000;

/** Runs the task a moment later, when the page has what it needs for itself and the browser is idle. */
export const whenIdle = (task: () => void): void => {
  setTimeout(() => {
    if ('requestIdleCallback' in globalThis) requestIdleCallback(task, { timeout: TIMEOUT_MS });
    else task();
  }, FIRST_MS);
};
