import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from '@playwright/test';
import { enter, makePayments, SIGHTS, WHO } from './pages.ts';
import { expect, test } from './spec.ts';

/** Each theme at each width; `npm test` takes each theme and each width once. */
const LOOKS = process.env['E2E_SHORT']
  ? ([
      ['light', 320],
      ['dark', 1280],
    ] as const)
  : (['light', 'dark'] as const).flatMap((theme) =>
      ([320, 1280] as const).map((widthPx) => [theme, widthPx] as const),
    );

/** "Legacy" spares a second page for each look, and half the time; it misses foreign frames, we have none. */
const violationsOn = async (page: Page): Promise<string[]> => {
  const { violations } = await new AxeBuilder({ page }).setLegacyMode().analyze();
  return violations.map(
    ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map(({ html }) => html).join(' | ')}`,
  );
};

/** What sticks out on the right, where a page can be scrolled sideways. */
const sticksOut = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const { clientWidth, scrollWidth } = document.documentElement;
    if (scrollWidth <= clientWidth) return [];
    const wide = [...document.querySelectorAll('body *')].filter(
      (node) => node.getBoundingClientRect().right > clientWidth + 0.5,
    );
    return [
      `${scrollWidth} px on ${clientWidth} px`,
      ...wide.slice(0, 5).map((node) => node.outerHTML.slice(0, 120)),
    ];
  });

for (const [theme, widthPx] of LOOKS) {
  test.describe(`every page, ${theme}, ${widthPx} px wide`, () => {
    test.use({ colorScheme: theme, viewport: { width: widthPx, height: 900 } });
    test('has nothing that axe finds, and no sideways scroll', async ({ page, context, url, meant }) => {
      test.setTimeout(300_000);
      meant.errors = [/mfes\/auth|did not load|remote auth/];
      const made = await makePayments(context, url);
      for (const who of WHO) {
        await enter(context, url, who, made);
        for (const { name, open, leave } of SIGHTS.filter((sight) => sight.who === who)) {
          await test.step(name, async () => {
            await open(page, made);
            expect.soft(await violationsOn(page), name).toEqual([]);
            expect.soft(await sticksOut(page), name).toEqual([]);
            await leave?.(page);
          });
        }
      }
    });
  });
}
