/** The page's title, for the document and the announcement to screen readers. */
export const page = $state({ title: '' });

export const setTitle = (title: string): void => {
  page.title = title;
};

const HEADING_TIMEOUT_MS = 5_000;
let stopWatching: AbortController | undefined;

const focusHeading = (main: HTMLElement): boolean => {
  const heading = main.querySelector<HTMLElement>('h1');
  if (heading === null) return false;
  heading.tabIndex = -1;
  heading.focus({ preventScroll: true });
  return true;
};

/**
 * Moves the focus to the page's main heading, as a page load would put it at the top; waits for the
 * heading where a remote is still loading, unless the person has taken the focus somewhere meanwhile.
 */
export const focusPage = (main: HTMLElement): void => {
  stopWatching?.abort();
  const watching = new AbortController();
  stopWatching = watching;
  const { signal } = watching;
  let hasActed = false;
  for (const kind of ['pointerdown', 'keydown'])
    document.addEventListener(kind, () => (hasActed = true), { signal, capture: true });
  const look = (): void => {
    // A page that opens or a dialog that closes may have moved it, too: that does not count.
    const moved = hasActed && main.contains(document.activeElement);
    if (moved || focusHeading(main)) watching.abort();
  };
  const observer = new MutationObserver(look);
  signal.addEventListener('abort', () => observer.disconnect());
  observer.observe(main, { childList: true, subtree: true });
  setTimeout(() => watching.abort(), HEADING_TIMEOUT_MS);
  look();
};
