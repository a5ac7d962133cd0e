import { isNotLoaded } from './broken.ts';
import { ContractError } from './choice.ts';

/** `needsReload`: only another shell helps, which comes with the page. */
export type FailureTexts = { title: string; text?: string; retryLabel?: string; needsReload?: boolean };

const UNHURT = 'Other pages and what you have saved are not affected.';

/**
 * What the card of a remote says that could not be shown.
 * @param asked the version that this browser shows on request, or null
 */
export const failureTexts = (title: string, error: unknown, asked: string | null): FailureTexts => {
  if (error instanceof ContractError && error.needs === 'shell')
    return {
      title: 'This page needs a newer version of the application',
      text: `Load the application again to get it. ${UNHURT}`,
      retryLabel: 'Load the application again',
      needsReload: true,
    };
  if (error instanceof ContractError)
    return {
      title: 'This page is being updated',
      text: `It is older than the application and comes back when its update is there. ${UNHURT}`,
    };
  if (isNotLoaded(error) && asked)
    return { title, text: `There is no version ${asked} of it on this server, or it could not be loaded.` };
  if (isNotLoaded(error)) return { title, text: `Its files could not be loaded. ${UNHURT}` };
  return { title, text: `Something in it does not work. ${UNHURT}` };
};
