import { createHash } from 'node:crypto';
import { isUtf8 } from 'node:buffer';
import { inRequest } from '../../../broker/calls/request-context.ts';
import type { OutboxRow } from '../../../broker/events/outbox.ts';
import type { Transaction } from '../../../broker/postgres/database.ts';
import { worker, type Worker } from '../../../broker/process/worker.ts';
import { poc2Bridge } from '../../../shared/contracts/poc2-bridge.ts';
import { kindOf, PATTERNS, type Kind } from '../domain/channels.ts';
import { OWN_SOURCE, readMessage, type Poc2Message, type Reading } from '../domain/read-message.ts';
import { countMessages } from '../metrics.ts';
import { addCounts, summed, type Counted } from '../persistence/counts.ts';
import { addToOutbox, rememberIds } from '../persistence/passed.ts';
import type { BridgeService } from '../poc2-bridge.ts';

const FROM_POC2 = 'from_poc2';
const BATCH = 500;
/** More wait in memory only while the database is away; what arrives then is lost, and counted. */
const WAITING_MAX = 100_000;
const WAITING_MAX_BYTES = 64 * 1024 * 1024;
/** An event has at most 256 KiB, and base64 needs a third more. */
const REFUSED_MAX_BYTES = 190 * 1024;
const KEPT_BYTES = 1_024;
const CAUSE_MAX_LENGTH = 500;

/**
 * The request that an event of POC-2 counts as. What our services do in it is not sent to POC-2 again. No
 * client can give such an id: the gateway takes none with a colon.
 */
export const REQUEST_PREFIX = 'poc2:';

type Received = { channel: string; bytes: Buffer };
type Opened = Received & Reading & { key: string; text: string | null };

/** Reads a message of which an event can be made: any other would stop all that come with it. */
export const readWhole = (
  service: Pick<BridgeService, 'outbox'>,
  channel: string,
  text: string | null,
): Reading => {
  const reading = readMessage(channel, text);
  if (!reading.message) return reading;
  try {
    eventOf(service, reading.message, 0);
    return reading;
  } catch (error) {
    return { cause: `no event can be made of it: ${String(error)}`.slice(0, CAUSE_MAX_LENGTH) };
  }
};

const open = (service: BridgeService, { channel, bytes }: Received): Opened => {
  const text = isUtf8(bytes) ? bytes.toString('utf8') : null;
  const reading = readWhole(service, channel, text);
  // Two replicas receive the same bytes, and one of them refuses them.
  const key =
    reading.message?.id ?? `raw_${createHash('sha256').update(channel).update(bytes).digest('hex')}`;
  return { channel, bytes, text, key, ...reading };
};

const isEcho = ({ message }: Opened): boolean => message?.source === OWN_SOURCE;

/** The event of a message of POC-2. */
export const eventOf = (
  { outbox }: Pick<BridgeService, 'outbox'>,
  { kind, id, ...said }: Poc2Message,
  sequence: number,
): OutboxRow =>
  inRequest({ id: REQUEST_PREFIX + id, origin: null, trace: null }, () =>
    outbox.row(poc2Bridge.events[kind], { poc2Id: id, sequence, ...said } as never),
  );

/** The bytes of a refused message; of one that is too large for an event, its size, hash and beginning. */
const contentOf = ({ bytes, text, cause = '' }: Opened) => {
  const size = text === null ? bytes.length : Buffer.byteLength(JSON.stringify(text));
  if (size <= REFUSED_MAX_BYTES)
    return { cause, ...(text === null ? { base64: bytes.toString('base64') } : { text }) };
  const sha256 = createHash('sha256').update(bytes).digest('hex');
  return {
    cause: `${cause}; of ${bytes.length} bytes, SHA-256 ${sha256}, only the beginning is kept`,
    base64: bytes.subarray(0, KEPT_BYTES).toString('base64'),
  };
};

const refusalOf = ({ outbox, clock }: BridgeService, one: Opened): OutboxRow => {
  const at = clock.now().toISOString();
  return outbox.row(poc2Bridge.events.refused, { channel: one.channel, ...contentOf(one), at });
};

const counted = (kind: Kind | undefined, outcome: Counted['outcome']): Counted => ({
  direction: 'from-poc2',
  kind: kind ?? 'unknown',
  outcome,
  count: 1,
});

/** Writes a batch in its order: the ids that are new, and an event for each of them. */
const write = async (
  service: BridgeService,
  tx: Transaction,
  batch: readonly Opened[],
): Promise<Counted[]> => {
  const now = service.clock.now();
  const keys = batch.map(({ key }) => key);
  const left = new Map(await rememberIds(tx, keys, now));
  const rows: OutboxRow[] = [];
  const counts = batch.map((one): Counted => {
    const kind = kindOf(one.channel);
    const sequence = left.get(one.key);
    left.delete(one.key);
    if (sequence === undefined) return counted(kind, 'duplicate');
    rows.push(one.message ? eventOf(service, one.message, sequence) : refusalOf(service, one));
    return counted(kind, one.message ? 'passed' : 'refused');
  });
  await addToOutbox(tx, rows);
  const sums = summed(counts);
  // What is no news here is counted by the process alone, for it would keep the other bridges waiting.
  const news = sums.filter(({ outcome }) => outcome !== 'duplicate');
  await addCounts(tx, news, now);
  return sums;
};

/**
 * Receives all that POC-2 publishes. Messages wait in memory for their transaction, a few milliseconds; Redis
 * keeps none, so those are lost with the process, as are all that are published while it is away.
 */
export const startReceiver = (service: BridgeService): Worker => {
  const { db, log, outbox, state } = service;
  let waiting: Received[] = [];
  let waitingBytes = 0;

  const run = async (): Promise<boolean> => {
    const batch = waiting.slice(0, BATCH).map((one) => open(service, one));
    const [echoes, others] = [batch.filter(isEcho), batch.filter((one) => !isEcho(one))];
    if (others.length > 0) {
      countMessages(await db.transaction((tx) => write(service, tx, others)));
      outbox.wake();
    }
    countMessages(summed(echoes.map(({ channel }) => counted(kindOf(channel), 'echo'))));
    waiting = waiting.slice(batch.length);
    for (const { bytes } of batch) waitingBytes -= bytes.length;
    return waiting.length > 0;
  };
  const writer = worker({ name: 'receive-from-poc2', work: FROM_POC2, db, pollMs: 1_000, log, run });

  state.subscriber.on('pmessageBuffer', (_pattern: string, channel: Buffer | string, bytes: Buffer) => {
    const name = channel.toString();
    const isFull = waiting.length >= WAITING_MAX || waitingBytes + bytes.length > WAITING_MAX_BYTES;
    if (isFull) return countMessages([counted(kindOf(name), 'overflow')]);
    waiting.push({ channel: name, bytes });
    waitingBytes += bytes.length;
    db.wake(FROM_POC2);
  });
  state.subscribe(PATTERNS);
  return {
    wake: writer.wake,
    stop: async () => {
      state.subscriber.disconnect();
      await writer.stop();
      while (await run().catch((error: unknown) => log.warn({ err: error }, 'messages of POC-2 are lost')));
    },
  };
};
