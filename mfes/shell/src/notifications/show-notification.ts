import type { Notification } from '../../../../shared/contracts/realtime.ts';
import { toast } from '../../../../shared/ui/toasts.svelte.ts';
import { announce } from '../routing/announcer.svelte.ts';
import { notificationText } from './notification-texts.ts';
import { preferences } from '../preferences/preferences.svelte.ts';

const TOGETHER_MS = 300;
let waiting: Notification[] = [];

const notify = (): void => {
  const news = waiting;
  waiting = [];
  const [first] = news;
  // A hidden page shows nothing: the toast would be out of date when the page is shown.
  if (first === undefined || document.hidden) return;
  const isMoney = news.some(({ content }) => content.type === 'payment_received');
  const sentence =
    news.length === 1
      ? notificationText(first.content, preferences.locale, Date.now()).sentence
      : `${news.length} new notifications.`;
  // Screen readers announce a toast by themselves.
  if (isMoney) toast('success', sentence);
  else announce(sentence);
};

/** Shows a new notification as a sentence; several at once as their number. */
export const showNotification = (added: Notification): void => {
  waiting.push(added);
  if (waiting.length === 1) setTimeout(notify, TOGETHER_MS);
};
