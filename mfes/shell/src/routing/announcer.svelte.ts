/** The polite live region for screen readers, beside page titles. */
export const announcer = $state({ text: '' });

/** Announces a sentence; repeating it announces it again. */
export const announce = (text: string): void => {
  announcer.text = announcer.text === text ? `${text}\u00a0` : text;
};
