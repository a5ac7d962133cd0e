import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { turnOfCommit } from '../faults/turn.ts';
import { VIEWS } from './pages.ts';
import { readerProblems, resize } from './reader-audit.ts';
import { expect, overflow, test } from './spec.ts';
import type { View } from './view.ts';
import { makePayments, signInAs, VIEWERS, type Made } from './viewers.ts';

const ALL_LOOKS = (['light', 'dark'] as const).flatMap((theme) =>
  ([320, 1280] as const).map((widthPx) => [theme, widthPx] as const),
);
const TURNS = 2 * ALL_LOOKS.length;
const { turn } = turnOfCommit(TURNS);

/** Each theme at each width; `npm test` takes one of them for half of the views, others by turns. */
const looksOf = (view: View) =>
  process.env['E2E_SHORT']
    ? ALL_LOOKS.filter((_look, at) => at === (VIEWS.indexOf(view) + turn) % TURNS)
    : ALL_LOOKS;

/**
 * Legacy mode opens no second page and takes half the time; it skips cross-origin frames, of which we have
 * none.
 */
const axe = (page: Page): AxeBuilder => new AxeBuilder({ page }).setLegacyMode();

const OPEN_PANEL = 'header:has([aria-expanded=true])';

/**
 * With the size of targets, which axe leaves out by default. A panel of the header covers parts of the
 * controls of the page until it is closed: while one is open, only the targets of the header count.
 */
const violationsOn = async (page: Page): Promise<string[]> => {
  const hasPanel = (await page.locator(OPEN_PANEL).count()) > 0;
  const sizes = { rules: { 'target-size': { enabled: !hasPanel } } };
  const results = [await axe(page).options(sizes).analyze()];
  if (hasPanel) results.push(await axe(page).include(OPEN_PANEL).withRules('target-size').analyze());
  return results
    .flatMap(({ violations }) => violations)
    .map(({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' | ')}`);
};

const softly = expect.configure({ soft: true });

/** The number of dialogs, lists, errors and menus on the page. */
const openParts = (page: Page): Promise<number> =>
  page.locator('[role=dialog], [role=listbox], [role=alert], header [aria-expanded=true]').count();

/**
 * Opens a view and checks it in every look; a view that has changed meanwhile, by a new read, is opened
 * again.
 */
const checkView = async (page: Page, view: View, made: Made): Promise<void> => {
  const { name, open, leave } = view;
  const looks = looksOf(view);
  let parts: number | null = null;
  for (const [index, [colorScheme, width]] of looks.entries()) {
    await page.emulateMedia({ colorScheme });
    await resize(page, { width, height: 900 });
    if (index === 0 || (await openParts(page)) !== parts) await open(page, made);
    parts ??= await openParts(page);
    const look = `${name}, ${colorScheme}, ${width} px`;
    // A read that follows the connection of the socket replaces an error for a moment.
    await softly.poll(() => openParts(page), { message: look }).toBe(parts);
    expect.soft(await violationsOn(page), look).toEqual([]);
    expect.soft(await overflow(page), look).toEqual([]);
    expect.soft(await readerProblems(page), look).toEqual([]);
  }
  if (looks.length > 0) await leave?.(page);
};

for (const viewer of VIEWERS) {
  test(`every page of the ${viewer} has no axe violation and does not scroll sideways`, async ({
    page,
    context,
    url,
    expected,
  }) => {
    test.setTimeout(300_000);
    expected.errors = [/mfes\/auth|did not load|remote auth/];
    const made = await makePayments(context, url);
    await signInAs(context, url, viewer, made);
    for (const view of VIEWS.filter((one) => one.viewer === viewer))
      await test.step(view.name, () => checkView(page, view, made));
  });
}
