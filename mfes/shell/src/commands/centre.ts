import { mount, unmount, type Component } from 'svelte';
import { reportShown } from '../../../../shared/ui/report-shown.ts';
import { toast } from '../../../../shared/ui/toasts.svelte.ts';
import { follow } from '../routing/router.svelte.ts';
import { session, sessionChanged } from '../session/session.svelte.ts';
import { placesOf } from './places.ts';
import { createSequences } from './sequences.ts';

type Part = Component<{ onclose: () => void; onshortcuts: () => void }>;

/** What is open, and to whom it belongs. */
let opened: { remove: () => void; userId: string } | null = null;

sessionChanged.on(() => {
  if (opened?.userId !== session.user?.id) opened?.remove();
});

/** One question at a time: nothing is opened over a dialog. */
const isBusy = (): boolean =>
  document.querySelector('dialog[open], [role=dialog], [role=alertdialog]') !== null;

const show = async (load: () => Promise<{ default: Part }>): Promise<void> => {
  if (isBusy()) return;
  try {
    const { default: Shown } = await load();
    const userId = session.user?.id;
    if (isBusy() || userId === undefined) return;
    // The browser says later that a dialog has closed: the next one may be open by then.
    const remove = (): void => {
      void unmount(part);
      if (opened?.remove === remove) opened = null;
    };
    const props = { onclose: remove, onshortcuts: showShortcuts };
    const part = mount(Shown, { target: document.body, props });
    opened = { remove, userId };
  } catch (error) {
    reportShown(error);
    toast('error', 'This did not load. Load the page again to use it.');
  }
};

/** Opens the palette of pages, payments and actions. */
export const openPalette = (): void => void show(() => import('./Palette.svelte'));

/** Opens the sheet with all shortcuts. */
const showShortcuts = (): void => void show(() => import('./ShortcutSheet.svelte'));

/** The page's own search, where it has one; otherwise the palette. */
const search = (): void => {
  const field = document.querySelector<HTMLInputElement>('main input[type=search]');
  if (field === null) return openPalette();
  field.focus();
  field.select();
};

const sequences = createSequences();

/**
 * Takes a key that was pressed outside of any field.
 * @param atMs when it was pressed, as in the event
 */
export const typed = (key: string, atMs: number): void => {
  const role = session.user?.role;
  if (role === undefined || isBusy()) return;
  const places = placesOf(role);
  const shortcuts = ['?', '/', ...places.flatMap(({ keys }) => keys ?? [])];
  const shortcut = sequences.press(key, atMs, shortcuts);
  if (shortcut === '?') showShortcuts();
  else if (shortcut === '/') search();
  else if (shortcut !== null) follow(places.find(({ keys }) => keys === shortcut)?.href ?? '/');
};
