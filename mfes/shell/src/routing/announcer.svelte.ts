/** What screen readers are told politely, beside the titles of pages. */
export const announcer = $state({ text: '' });

/** Says a sentence; the same one twice is heard twice. */
export const announce = (text: string): void => {
  announcer.text = announcer.text === text ? `${text}\u00a0` : text;
};
