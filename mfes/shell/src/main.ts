import { mount } from 'svelte';
import './app.css';
import App from './App.svelte';
import { loadRemote } from './remotes.ts';
import { router } from './routing/router.svelte.ts';
import { remoteOf, viewOf } from './routing/routes.ts';
import { mayHaveSession, startSession } from './session/session.svelte.ts';

// The remote that will most likely be shown is on its way while the server says who is signed in. Where
// nothing tells whether somebody is (a private page, no hint), a guess would be wasted half of the time.
const view = viewOf(router.path, mayHaveSession());
const isOpen = mayHaveSession() || router.path === '/' || view.kind === 'remote';
const likely = remoteOf(view.kind === 'redirect' ? view.to : router.path);
if (isOpen && likely !== undefined) loadRemote(likely).catch(() => {});
void startSession();

const target = document.getElementById('app');
if (target) mount(App, { target });
