import './remotes/asked-override.ts';
import { mount } from 'svelte';
import './app.css';
import App from './App.svelte';
import { noticeFailures } from './errors/notice-failures.ts';
import { loadKeeperWith } from './offline/answers.svelte.ts';
import { loadRemote } from './remotes.ts';
import { followOverride } from './remotes/override.svelte.ts';
import { router } from './routing/router.svelte.ts';
import { remoteOf, viewOf } from './routing/routes.ts';
import { mayHaveSession, startSession } from './session/session.svelte.ts';

noticeFailures();
loadKeeperWith(() => import('./offline/kept.ts'));

// The session is requested at once, except on a private page without a sign of an earlier sign-in: there the
// request would usually be wasted.
const view = viewOf(router.path, mayHaveSession() ? 'CUSTOMER' : null);
const isOpen = mayHaveSession() || router.path === '/' || view.kind === 'remote';
const path = view.kind === 'redirect' ? view.to : router.path;
const likely = remoteOf(path);
if (isOpen && likely !== undefined) loadRemote(likely, 'kept', path).catch(() => {});
void startSession();
followOverride();

const target = document.getElementById('app');
target?.replaceChildren();
if (target) mount(App, { target });
