import { mount as mountComponent, unmount } from 'svelte';
import type { Mount } from '../../../shared/client/host.ts';
import App from './App.svelte';
import './styles.css';

/** Draws the page that the host's path names into the target; the result takes it away again. */
export const mount: Mount = (target, host) => {
  const app = mountComponent(App, { target, props: { host } });
  return () => void unmount(app);
};
