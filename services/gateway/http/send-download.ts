import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import type { CallOptions } from '../../../broker/calls/call.ts';
import type { Service } from '../../../broker/process/service.ts';
import type { Action, DownloadPart } from '../../../shared/contracts/contract.ts';

/** Resolves when the client has read what was written, or is gone. */
const written = async (response: ServerResponse, text: string): Promise<void> => {
  if (response.write(text) || response.destroyed) return;
  await Promise.race([once(response, 'drain'), once(response, 'close')]).catch(() => undefined);
};

/** The next part of a file. @throws AppError of the action */
export type NextPart = (cursor?: string) => Promise<DownloadPart>;

export const partsOf =
  (action: Action, params: object, options: CallOptions, call: Service['send']): NextPart =>
  async (cursor) =>
    (await call(action, { ...params, ...(cursor === undefined ? {} : { cursor }) } as never, options))
      .result as DownloadPart;

/**
 * Sends a file part by part, each when the client has read the one before, so that a large file takes little
 * memory. An error after the first part ends the connection, which the client sees as a file that is cut off.
 * @param start sends the status and headers
 */
export const sendDownload = async (
  response: ServerResponse,
  next: NextPart,
  start: () => void,
): Promise<void> => {
  let part = await next();
  start();
  for (;;) {
    await written(response, part.text);
    if (response.destroyed) return;
    if (part.nextCursor === null) return void response.end();
    part = await next(part.nextCursor);
  }
};
