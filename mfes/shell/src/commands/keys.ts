import { session } from '../session/session.svelte.ts';
import { recall } from '../session/storage.ts';
import { IS_APPLE, OFF_KEY } from './key-names.ts';

/** Palette and shortcuts are loaded by the first press that may need them. */
const load = () => import('./centre.ts');

export const openPalette = (): void => void load().then((centre) => centre.openPalette());

const isField = (target: EventTarget | null): boolean =>
  target instanceof Element && target.closest('input, select, textarea, [contenteditable]') !== null;

const pressed = (event: KeyboardEvent): void => {
  const { key, ctrlKey, metaKey, target, timeStamp } = event;
  if (session.user === null || event.defaultPrevented || event.repeat || event.altKey) return;
  if (key.toLowerCase() === 'k' && (IS_APPLE ? metaKey : ctrlKey)) {
    event.preventDefault();
    openPalette();
  } else if (!ctrlKey && !metaKey && key.length === 1 && !isField(target) && recall(OFF_KEY) === null) {
    // Some browsers open a search of their own.
    if (key === '/') event.preventDefault();
    // Offline they may not load: a key that does nothing then is no failure.
    load().then(
      (centre) => centre.typed(key, timeStamp),
      () => {},
    );
  }
};

/** Follows the keyboard; returns the function that stops it. */
export const subscribeKeys = (): (() => void) => {
  addEventListener('keydown', pressed);
  return () => removeEventListener('keydown', pressed);
};
