import type { Page } from '@playwright/test';
import { overflow } from './spec.ts';

/** What a reader may set: spacing of text (WCAG 2.2, 1.4.12), zoom of 200 %, forced colours, no motion. */
const SPACING =
  '* { line-height: 1.5 !important; letter-spacing: 0.12em !important; word-spacing: 0.16em !important }' +
  ' p { margin-block-end: 2em !important }';

/** Adds the spacing to the page; returns the function that takes it away. */
export const spaceOut = async (page: Page): Promise<() => Promise<void>> => {
  const before = await page.evaluateHandle((css) => {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    const sheets = [...document.adoptedStyleSheets];
    document.adoptedStyleSheets = [...sheets, sheet];
    return sheets;
  }, SPACING);
  return () => page.evaluate((sheets) => void (document.adoptedStyleSheets = sheets), before);
};

/**
 * Texts that lie over each other, and boxes that cut what stands in them. What floats over the page, and what
 * is shortened with an ellipsis on purpose, does not count.
 */
export const cutTexts = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    type Box = { text: string; node: Element; rect: DOMRect };
    const nameOf = (node: Element): string => node.outerHTML.slice(0, 100);
    const floats = (node: Element): boolean => {
      for (let at: Element | null = node; at !== null; at = at.parentElement) {
        const { position, clipPath, visibility } = getComputedStyle(at);
        if (/fixed|absolute|sticky/.test(position) || clipPath !== 'none' || visibility === 'hidden')
          return true;
      }
      return false;
    };
    /** The part of a box that is seen: those around it may cut it. */
    const seenOf = (rect: DOMRect, node: Element): DOMRect => {
      let { left, right, top, bottom } = rect;
      for (let at: Element | null = node; at !== null; at = at.parentElement) {
        if (getComputedStyle(at).overflow === 'visible') continue;
        const edge = at.getBoundingClientRect();
        [left, right] = [Math.max(left, edge.left), Math.min(right, edge.right)];
        [top, bottom] = [Math.max(top, edge.top), Math.min(bottom, edge.bottom)];
      }
      return new DOMRect(left, top, Math.max(0, right - left), Math.max(0, bottom - top));
    };
    const scope = document.querySelector('main') ?? document.body;
    const walker = document.createTreeWalker(scope, NodeFilter.SHOW_TEXT);
    const boxes: Box[] = [];
    // A page that is longer repeats itself.
    const [TEXTS_MAX, NODES_MAX] = [800, 2_000];
    for (let node = walker.nextNode(); node && boxes.length < TEXTS_MAX; node = walker.nextNode()) {
      const parent = node.parentElement;
      const text = node.textContent?.trim() ?? '';
      if (parent === null || text === '' || floats(parent)) continue;
      const range = document.createRange();
      range.selectNodeContents(node);
      for (const rect of range.getClientRects())
        boxes.push({ text, node: parent, rect: seenOf(rect, parent) });
    }
    const found: string[] = [];
    const SLACK_PX = 4;
    // From the top down, so that a long page compares neighbours only.
    boxes.sort((one, other) => one.rect.top - other.rect.top);
    boxes.forEach((one, at) => {
      for (let next = at + 1; next < boxes.length; next++) {
        const other = boxes[next]!;
        if (other.rect.top > one.rect.bottom) break;
        const across = Math.min(one.rect.right, other.rect.right) - Math.max(one.rect.left, other.rect.left);
        const down = Math.min(one.rect.bottom, other.rect.bottom) - Math.max(one.rect.top, other.rect.top);
        if (one.node !== other.node && across > SLACK_PX && down > SLACK_PX)
          found.push(`“${one.text}” lies over “${other.text}”`);
      }
    });
    for (const node of [...scope.querySelectorAll('*')].slice(0, NODES_MAX)) {
      const { overflowX, overflowY, textOverflow, webkitLineClamp } = getComputedStyle(node);
      const cuts =
        (overflowX === 'hidden' && node.scrollWidth > node.clientWidth + 1) ||
        (overflowY === 'hidden' && node.scrollHeight > node.clientHeight + 1);
      const isMeant = textOverflow === 'ellipsis' || webkitLineClamp !== 'none';
      if (cuts && !isMeant && !floats(node) && node.textContent?.trim()) found.push(`cut: ${nameOf(node)}`);
    }
    return found.slice(0, 5);
  });

/** Controls whose focus does not show while colours are forced: shadows and grounds are dropped then. */
const withoutRing = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const scope = document.querySelector('dialog[open], [role=dialog], [role=alertdialog]') ?? document;
    const CONTROLS = ':is(a[href], button, input, select, textarea):not([tabindex="-1"])';
    // Three of a kind: a focus takes a moment, and a long page has a thousand links.
    const counts = new Map<string, number>();
    const controls = [...scope.querySelectorAll<HTMLElement>(CONTROLS)].filter((control) => {
      const kind = `${control.tagName} ${control.className} ${control.parentElement?.className}`;
      counts.set(kind, (counts.get(kind) ?? 0) + 1);
      return counts.get(kind)! <= 3;
    });
    const hasRing = (node: Element | null, pseudo?: string): boolean => {
      if (node === null) return false;
      const { outlineStyle, outlineWidth } = getComputedStyle(node, pseudo);
      return outlineStyle !== 'none' && parseFloat(outlineWidth) >= 1;
    };
    const before = document.activeElement;
    const found = controls.filter((control) => {
      if (!control.checkVisibility({ visibilityProperty: true }) || control.matches(':disabled'))
        return false;
      control.focus({ preventScroll: true });
      if (document.activeElement !== control || !control.matches(':focus-visible')) return false;
      const around = [control, control.parentElement, control.closest('label'), control.nextElementSibling];
      return ![...around.map((node) => hasRing(node)), hasRing(control, '::after')].some(Boolean);
    });
    if (document.activeElement instanceof HTMLElement) document.activeElement.blur();
    if (before instanceof HTMLElement) before.focus({ preventScroll: true });
    return found.map((control) => `no ring: ${control.outerHTML.slice(0, 120)}`);
  });

/** Chosen things that look like the others beside them while colours are forced. */
const withoutMark = (page: Page): Promise<string[]> =>
  page.evaluate(() => {
    const STATES = [
      ['[role=tab]', '[aria-selected=true]'],
      ['[role=option]', '[aria-selected=true]'],
      ['nav a', '[aria-current]'],
      ['button[aria-pressed]', '[aria-pressed=true]'],
      ['label:has(> input[type=radio])', ':has(:checked)'],
      ['[role=switch]', '[aria-checked=true]'],
    ] as const;
    const partsOf = (node: Element): string[] => {
      const nodes = [node, ...node.querySelectorAll('*:not(svg *)')];
      return nodes.flatMap((one) =>
        [undefined, '::before', '::after'].map((pseudo) => {
          const style = getComputedStyle(one, pseudo);
          if (pseudo !== undefined && style.content === 'none') return '';
          const { backgroundColor, color, display, translate, textDecorationLine } = style;
          const lines = ['Top', 'Bottom', 'Left'].map((side) =>
            ['Width', 'Color', 'Style'].map((what) => style[`border${side}${what}` as 'borderTopWidth']),
          );
          const { outlineStyle, outlineColor } = style;
          const all = [backgroundColor, color, display, translate, textDecorationLine, lines];
          return JSON.stringify([...all, outlineStyle, outlineColor]);
        }),
      );
    };
    const found: string[] = [];
    for (const [things, state] of STATES) {
      const seen = [...document.querySelectorAll(things)].filter((node) => node.checkVisibility());
      for (const chosen of seen.filter((node) => node.matches(state))) {
        const holder = chosen.closest('nav, [role=tablist], [role=listbox], [role=radiogroup], [role=group]');
        const other = seen.find((node) => !node.matches(state) && holder?.contains(node));
        if (other === undefined) continue;
        if (JSON.stringify(partsOf(chosen).sort()) === JSON.stringify(partsOf(other).sort()))
          found.push(`no mark: ${chosen.outerHTML.slice(0, 120)}`);
      }
    }
    return found;
  });

/** Main actions on a narrow window that a finger would miss: smaller than 44 px. */
const smallActions = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    [...document.querySelectorAll('header button:not(.sm), header a, main .button.primary:not(.sm)')]
      .filter((node) => node.checkVisibility())
      .filter((node) => node.getBoundingClientRect().height < 43.5)
      .map((node) => `less than 44 px high: ${node.outerHTML.slice(0, 120)}`),
  );

const moving = (page: Page): Promise<string[]> =>
  page.evaluate(() =>
    document
      .getAnimations()
      .filter(({ playState }) => playState === 'running')
      .map((animation) => `moves: ${(animation.effect as KeyframeEffect).target?.outerHTML.slice(0, 120)}`),
  );

/** Sets the size of the window, and waits until what depends on it is drawn. */
export const resize = async (page: Page, size: { width: number; height: number }): Promise<void> => {
  await page.setViewportSize(size);
  await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
};

/** What is wrong with the page for readers with settings of their own; the page is afterwards as it was. */
export const readerProblems = async (page: Page): Promise<string[]> => {
  const size = page.viewportSize();
  const isNarrow = size !== null && size.width < 768;
  const found = [...(await moving(page)), ...(isNarrow ? await smallActions(page) : [])];
  const undo = await spaceOut(page);
  found.push(...(await overflow(page)), ...(await cutTexts(page)));
  await undo();
  if (size !== null && size.width > 640) {
    // A window of 1280 px at 200 %.
    await resize(page, { width: 640, height: 450 });
    found.push(...(await overflow(page)), ...(await cutTexts(page)));
    await resize(page, size);
  }
  await page.emulateMedia({ forcedColors: 'active' });
  await page.keyboard.press('Shift');
  found.push(...(await withoutRing(page)), ...(await withoutMark(page)));
  await page.emulateMedia({ forcedColors: 'none' });
  return found;
};
