/** In storage where the user has switched the shortcuts of single keys off. */
export const OFF_KEY = 'payloom-no-shortcuts';

export const IS_APPLE = /^(?:Mac|iP)/.test(navigator.platform);

/** The keys that open the palette, as the reader's keyboard names them. */
export const PALETTE_KEYS = IS_APPLE ? '⌘ K' : 'Ctrl K';
