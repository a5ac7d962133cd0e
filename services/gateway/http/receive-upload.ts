import type { IncomingMessage } from 'node:http';
import type { CallOptions } from '../../../broker/calls/call.ts';
import { AppError } from '../../../broker/calls/errors.ts';
import type { Service } from '../../../broker/process/service.ts';
import type { Action, UploadPart } from '../../../shared/contracts/contract.ts';
import { drain } from './read-params.ts';

/** Divisible by three, so that base64 has no padding; what one upload takes of memory, some times over. */
const PART_BYTES = 192 * 1024;

type Part = { bytes: Buffer; last: boolean };

/** The body in parts of one size, the last one smaller; each is read when the one before has been taken. */
async function* partsOf(request: IncomingMessage, maxBytes: number): AsyncGenerator<Part> {
  // Not destroyed at an error: who is refused still sends the rest, and reads the answer after that.
  const body = request.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>;
  let chunks: Buffer[] = [];
  let heldBytes = 0;
  let sizeBytes = 0;
  for await (const chunk of body) {
    sizeBytes += chunk.length;
    if (sizeBytes > maxBytes) throw new AppError('body_too_large');
    chunks.push(chunk);
    heldBytes += chunk.length;
    if (heldBytes <= PART_BYTES) continue;
    const held = Buffer.concat(chunks);
    yield { bytes: held.subarray(0, PART_BYTES), last: false };
    chunks = [held.subarray(PART_BYTES)];
    heldBytes -= PART_BYTES;
  }
  if (!request.complete) throw new AppError('bad_request');
  yield { bytes: Buffer.concat(chunks), last: true };
}

/**
 * Passes a body on to its action while it arrives: a slow or large one takes the memory of one part.
 * @throws AppError of the action, `body_too_large`, `bad_request` when the client aborts
 */
export const receiveUpload = async (
  request: IncomingMessage,
  maxBytes: number,
  call: (part: UploadPart) => Promise<{ nextCursor: string | null }>,
): Promise<void> => {
  let cursor: string | null = null;
  try {
    for await (const { bytes, last } of partsOf(request, maxBytes)) {
      const data = bytes.toString('base64');
      ({ nextCursor: cursor } = await call({ data, last, ...(cursor === null ? {} : { cursor }) }));
    }
  } catch (error) {
    drain(request);
    throw error;
  }
};

/** Calls an action with a part. */
export const uploaderOf =
  (action: Action, params: object, options: CallOptions, call: Service['send']) =>
  async (part: UploadPart): Promise<{ nextCursor: string | null }> =>
    (await call(action, { ...params, ...part } as never, options)).result as { nextCursor: string | null };
