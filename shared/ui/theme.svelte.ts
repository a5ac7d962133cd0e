export const THEMES = ['light', 'dark', 'system'] as const;
export type Theme = (typeof THEMES)[number];

/** Also read before the first paint: by the shell (`first-paint/script.js`) and by the page of the API. */
const THEME_KEY = 'payloom-theme';

/** What stands in storage as a theme; anything but `light` and `dark` follows the system. */
const themeOf = (stored: string | null): Theme =>
  stored === 'light' || stored === 'dark' ? stored : 'system';

const read = (): Theme => {
  try {
    return themeOf(localStorage.getItem(THEME_KEY));
  } catch {
    return 'system'; // Storage can be forbidden; the theme then lasts as long as the page.
  }
};

/** The colour of the browser's frame: one `meta` for each theme, light first, as in the shell's page. */
const applyToFrame = (next: Theme): void => {
  document.querySelectorAll<HTMLMetaElement>('[name=theme-color]').forEach((meta, at) => {
    const own = THEMES[at];
    const all = next === own ? 'all' : 'not all';
    meta.media = next === 'system' ? `(prefers-color-scheme: ${own})` : all;
  });
};

const createTheme = () => {
  let current = $state<Theme>(read());
  const apply = (next: Theme): void => {
    current = next;
    if (next === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = next;
    applyToFrame(next);
  };
  addEventListener('storage', (event) => {
    if (event.key === THEME_KEY || event.key === null) apply(themeOf(event.newValue));
  });
  return {
    get current() {
      return current;
    },
    set current(next: Theme) {
      apply(next);
      try {
        localStorage.setItem(THEME_KEY, next);
      } catch {
        // As in read(): without storage the choice is simply not kept.
      }
    },
  };
};

export const theme = createTheme();
