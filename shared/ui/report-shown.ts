import { isProblem, isUnreachable } from '../client/problem.ts';

/** On the error itself, because each micro-frontend has its own copy of this module. */
const SHOWN = Symbol.for('payloom.shown');

/** Whether the page shows this error in its place, so that no note has to say it a second time. */
export const isShown = (error: unknown): boolean => error instanceof Error && SHOWN in error;

/** Marks an error as one that the page shows: nothing reports it again. */
export const markShown = (error: unknown): void => {
  if (error instanceof Error) Object.assign(error, { [SHOWN]: true });
};

/**
 * Reports an error that the page shows in its place, once. What the server has answered, and that it could
 * not be reached, is no defect of the page.
 */
export const reportShown = (error: unknown): void => {
  if (isShown(error) || isProblem(error) || isUnreachable(error)) return;
  markShown(error);
  reportError(error);
};
