/** The page's title, for the document and the announcement to screen readers. */
export const page = $state({ title: '' });

export const setTitle = (title: string): void => {
  page.title = title;
};

const HEADING_TIMEOUT_MS = 5_000;
let watching: MutationObserver | undefined;

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
  watching?.disconnect();
  const before = document.activeElement;
  const settled = (): boolean => {
    const moved = document.activeElement !== before && main.contains(document.activeElement);
    return moved || focusHeading(main);
  };
  if (settled()) return;
  const observer = new MutationObserver(() => {
    if (settled()) observer.disconnect();
  });
  watching = observer;
  observer.observe(main, { childList: true, subtree: true });
  setTimeout(() => observer.disconnect(), HEADING_TIMEOUT_MS);
};
