import type { Host } from '../../../shared/client/host.ts';
import { setTitle } from './page.svelte.ts';
import { navigate, pathChanged, router } from './router.svelte.ts';
import { remoteOf } from './routes.ts';
import { client, session, sessionChanged, sessionEnded, sessionStarted } from './session.svelte.ts';
import { toast } from '../../../shared/ui/toasts.svelte.ts';

/** What one remote gets of the shell. It hears of a path only while the path is its own. */
export const hostFor = (name: string): Host => ({
  path: () => router.path,
  navigate,
  session: {
    user: () => $state.snapshot(session.user),
    started: sessionStarted,
    ended: sessionEnded,
  },
  client,
  toast,
  setTitle,
  locale: navigator.language,
  on: (event, listener) => {
    if (event === 'session') return sessionChanged.on(listener);
    return pathChanged.on(() => {
      if (remoteOf(router.path) === name) listener();
    });
  },
});
