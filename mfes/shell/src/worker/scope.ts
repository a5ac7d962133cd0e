/** TypeScript's types of a worker exclude those of pages, so these are the parts of its scope that we use. */
type ExtendableEvent = Event & { waitUntil(work: Promise<unknown>): void };
export type PageEvent = ExtendableEvent & { preloadResponse?: Promise<Response | undefined> };
type MessageReceived = ExtendableEvent & MessageEvent<unknown>;

type Scope = {
  addEventListener(kind: 'install' | 'activate', listener: (event: ExtendableEvent) => void): void;
  addEventListener(kind: 'message', listener: (event: MessageReceived) => void): void;
  skipWaiting(): Promise<void>;
  clients: {
    claim(): Promise<void>;
    matchAll(options: { type: 'window'; includeUncontrolled: true }): Promise<readonly unknown[]>;
  };
  registration: ServiceWorkerRegistration;
};

/** The global scope of the service worker. */
export const scope = globalThis as unknown as Scope;
