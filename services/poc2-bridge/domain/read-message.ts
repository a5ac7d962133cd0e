import { instant } from '../../../shared/contracts/fields.ts';
import { poc2Bridge, poc2Message } from '../../../shared/contracts/poc2-bridge.ts';
import { withoutSecrets } from '../../../shared/contracts/without-secrets.ts';
import { kindOf, type Kind } from './channels.ts';

/** What this system writes in the messages that it sends. */
export const OWN_SOURCE = 'payloom';

/** An event, of which this is a part, has at most 256 KiB. */
const MAX_SIZE_BYTES = 128 * 1024;

export type Poc2Message = {
  kind: Kind;
  id: string;
  entity: string | null;
  source: string;
  at: string;
  correlationId: string | null;
  data: Data;
};

export type Reading =
  | { message: Poc2Message; cause?: never }
  /** Why it is refused. */
  | { cause: string; message?: never };

const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

type Data = Readonly<Record<string, unknown>>;

/** The data without secrets; null where it is nested so deeply that it cannot be written again. */
const cleaned = (data: Data): Data | null => {
  try {
    const clean = withoutSecrets(data) as Data;
    JSON.stringify(clean);
    return clean;
  } catch {
    return null;
  }
};

type Issue = { path: readonly PropertyKey[]; message: string };

const problemOf = ({ issues: [issue] }: { issues: readonly Issue[] }): string =>
  `${issue?.path.join('.') || 'the message'}: ${issue?.message}`;

const entityOf = ({ paymentId, userId, key }: Data): string | null => {
  const [entity] = [paymentId, userId, key].filter((id) => typeof id === 'string');
  return entity ?? null;
};

/** Reads a message of POC-2: of a known channel, whole, and with the data that its kind has. */
export const readMessage = (channel: string, text: string | null): Reading => {
  const kind = kindOf(channel);
  if (kind === undefined) return { cause: `POC-2 is not known to have the channel ${channel}` };
  if (text === null) return { cause: 'it is not UTF-8' };
  if (Buffer.byteLength(text) > MAX_SIZE_BYTES) return { cause: `it has more than ${MAX_SIZE_BYTES} bytes` };
  const json = parseJson(text);
  if (json === undefined) return { cause: 'it is not JSON' };
  const read = poc2Message.safeParse(json);
  if (!read.success) return { cause: problemOf(read.error) };
  const { id, type, timestamp, source, correlationId = null } = read.data;
  if (type !== channel) return { cause: `its type is ${type}, its channel ${channel}` };
  const data = poc2Bridge.events[kind].payload.shape.data.safeParse(read.data.data);
  if (!data.success) return { cause: `data: ${problemOf(data.error)}` };
  const clean = cleaned(data.data);
  if (clean === null) return { cause: 'its data is nested too deeply' };
  const at = new Date(timestamp).toISOString();
  // After the year 9999: microseconds, for example.
  if (!instant.safeParse(at).success) return { cause: 'timestamp: is not a time' };
  return { message: { kind, id, entity: entityOf(data.data), source, at, correlationId, data: clean } };
};
