import type { Notification } from '../../../../shared/contracts/realtime.ts';
import { toast } from '../../../../shared/ui/toasts.svelte.ts';
import { announce } from '../routing/announcer.svelte.ts';
import { wordsFor } from './notification-texts.ts';
import { preferences } from '../preferences/preferences.svelte.ts';

const TOGETHER_MS = 300;
let waiting: Notification[] = [];

const tell = (): void => {
  const news = waiting;
  waiting = [];
  const [first] = news;
  // What nobody looks at would only tell of things long past when somebody does.
  if (first === undefined || document.hidden) return;
  const isMoney = news.some(({ content }) => content.type === 'payment_received');
  const sentence =
    news.length === 1
      ? wordsFor(first.content, preferences.locale).sentence
      : `${news.length} new notifications.`;
  // A note is read aloud by itself.
  if (isMoney) toast('success', sentence);
  else announce(sentence);
};

/** Tells of a new notification, in a sentence; of several that come together, how many they are. */
export const tellOf = (added: Notification): void => {
  waiting.push(added);
  if (waiting.length === 1) setTimeout(tell, TOGETHER_MS);
};
