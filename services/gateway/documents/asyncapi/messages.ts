import type { Json } from '../schemas.ts';

/** What one kind of channel adds to the document, by key. */
export type Parts = {
  channels: Record<string, Json>;
  operations: Record<string, Json>;
  messages: Record<string, Json>;
};

/** A message as an example shows it. */
export type Example = { headers?: Json; payload: unknown };

/** A message of the document with its example. */
export const messageOf = (
  name: string,
  summary: string,
  { example, ...rest }: { payload: Json; headers?: Json; example: Example; [key: `x-${string}`]: unknown },
): Json => ({
  name,
  title: summary,
  summary: `${summary}.`,
  contentType: 'application/json',
  ...rest,
  examples: [example],
});

export const serverRef = (name: string): Json => ({ $ref: `#/servers/${name}` });
export const channelRef = (name: string): Json => ({ $ref: `#/channels/${name}` });
/** From a channel to a message, and from an operation to that entry of the channel. */
export const messageRef = (name: string): Json => ({ $ref: `#/components/messages/${name}` });
export const channelMessageRef = (channel: string, name: string): Json => ({
  $ref: `#/channels/${channel}/messages/${name}`,
});
