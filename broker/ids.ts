import { v7 } from 'uuid';
import { ID_PREFIXES, type Id, type IdKind } from '../shared/contracts/ids.ts';

/** A new id, UUIDv7 (RFC 9562) behind the kind's prefix: ids of one kind sort by the time they were made. */
export const newId = <K extends IdKind>(kind: K, timeMs: number): Id<K> =>
  `${ID_PREFIXES[kind]}_${v7({ msecs: timeMs }).replaceAll('-', '')}` as Id<K>;
