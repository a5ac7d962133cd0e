import type ConfirmDialog from '../../../../shared/ui/ConfirmDialog.svelte';
import { whenIdle } from '../live/when-idle.ts';
import { createLeaveGuard } from './leave-guard.ts';

export const LEAVE_TITLE = 'Leave this page?';
export const LEAVE_BODY = 'What you typed will be lost.';

/** The question of the leave guard; its dialog is loaded once a page may need it. */
export const leaveQuestion = $state<{ Dialog: typeof ConfirmDialog | null; isOpen: boolean }>({
  Dialog: null,
  isOpen: false,
});
let settle: ((leaves: boolean) => void) | null = null;

export const answerLeave = (leaves: boolean): void => {
  leaveQuestion.isOpen = false;
  settle?.(leaves);
  settle = null;
};

const loadDialog = async (): Promise<void> => {
  leaveQuestion.Dialog ??= (await import('../../../../shared/ui/ConfirmDialog.svelte')).default;
};

const ask = (): Promise<boolean> =>
  new Promise((resolve) => {
    settle = resolve;
    loadDialog().then(
      () => (leaveQuestion.isOpen = settle === resolve),
      // It did not load: the browser has a dialog of its own.
      () => answerLeave(confirm(`${LEAVE_TITLE}\n${LEAVE_BODY}`)),
    );
  });

export const leaveGuard = createLeaveGuard({ ask, withdraw: () => answerLeave(false), page: globalThis });

/**
 * Guards the page while `isUnsaved` says so; returns the function that ends it. `givenUp` is called when the
 * user leaves all the same.
 */
export const guardLeave = (isUnsaved: () => boolean, givenUp?: () => void): (() => void) => {
  whenIdle(() => void loadDialog().catch(() => {}));
  return leaveGuard.add(isUnsaved, givenUp);
};
