/**
 * Served as `/sw.js` while SERVICE_WORKER is off: takes the place of any worker of ours at once, deletes what
 * was stored, and removes itself. Tabs go on with what they have loaded, from the network.
 */
import { scope } from './scope.ts';

scope.addEventListener('install', (event) => event.waitUntil(scope.skipWaiting()));
scope.addEventListener('activate', (event) => {
  const end = async () => {
    await scope.clients.claim();
    const names = await caches.keys();
    await Promise.all(names.map((name) => caches.delete(name)));
    await scope.registration.unregister();
  };
  event.waitUntil(end());
});
