const WORKER = '/sw.js';

type Policies = { createPolicy(name: string, rules: { createScriptURL(url: string): string }): Policy };
type Policy = { createScriptURL(url: string): string };

/** The worker's URL, as pages with trusted types take it. The policy makes no other. */
const workerUrl = (): string => {
  const { trustedTypes } = globalThis as { trustedTypes?: Policies };
  const policy = trustedTypes?.createPolicy('payloom-worker', {
    createScriptURL: (url) => {
      if (url !== WORKER) throw new TypeError(`there is no worker ${url}`);
      return url;
    },
  });
  return policy?.createScriptURL(WORKER) ?? WORKER;
};

/** Registers the worker; undefined where that is not possible: without https, or where it is blocked. */
export const registerWorker = async (): Promise<ServiceWorkerRegistration | undefined> => {
  try {
    // Reading the property already throws in some windows.
    if (!('serviceWorker' in navigator) || !navigator.serviceWorker) return undefined;
    return await navigator.serviceWorker.register(workerUrl(), { updateViaCache: 'none' });
  } catch {
    return undefined;
  }
};
