/** One server-sent event (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export type SentEvent = { type: string; id: string | null; data: string };

const eventIn = (block: string): SentEvent => {
  const lines = new Map(block.split('\n').map((line) => line.split(/: ?(.*)/s, 2) as [string, string]));
  return { type: lines.get('event') ?? '', id: lines.get('id') ?? null, data: lines.get('data') ?? '' };
};

/**
 * Reads the events of a response one by one, comments aside.
 * @throws Error when the stream has ended, or its connection was lost
 */
export const readEvents = ({ body }: Response) => {
  if (body === null) throw new Error('the answer has no body');
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const next = async (): Promise<SentEvent> => {
    for (;;) {
      const end = text.indexOf('\n\n');
      if (end === -1) {
        const { value, done } = await reader.read();
        if (done) throw new Error('the stream has ended');
        text += value;
        continue;
      }
      const block = text.slice(0, end);
      text = text.slice(end + 2);
      if (!block.startsWith(':')) return eventIn(block);
    }
  };
  return { next, stop: () => reader.cancel() };
};
