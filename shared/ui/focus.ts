const INVALID = ':is(input, select, textarea)[aria-invalid="true"], [data-invalid]';

/**
 * Moves the focus to the first control of the form that is marked invalid, so that its message is read.
 * Call it after the errors are drawn (`await tick()`). Returns whether there was one.
 */
export const focusFirstInvalid = (form: HTMLElement): boolean => {
  const control = form.querySelector<HTMLElement>(INVALID);
  control?.focus();
  return control !== null;
};
