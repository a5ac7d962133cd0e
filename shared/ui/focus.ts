const INVALID = ':is(input, select, textarea)[aria-invalid="true"], [data-invalid]';

/**
 * Moves the focus to the first control of the form that is marked invalid, so that its message is read.
 * Call it after the errors are drawn (`await tick()`). Returns whether there was one.
 */
export const focusFirstInvalid = (form: HTMLElement): boolean => {
  const control = form.querySelector<HTMLElement>(INVALID);
  control?.focus();
  // The input of a card of choices is drawn by its label: the browser does not scroll to it by itself.
  control?.closest('label')?.scrollIntoView({ block: 'nearest' });
  return control !== null;
};
