const TAB = 9;
const LINE_END = 10;

/** Rows are compared by buckets of keys, so that only those of unequal buckets are looked at one by one. */
const BUCKETS = 4_096;

const mixWord = (word: number): number => {
  const turned = Math.imul(word, 0xcc9e2d51);
  return Math.imul((turned << 15) | (turned >>> 17), 0x1b873593);
};

const turn = (state: number, mixed: number): number => {
  const one = state ^ mixed;
  return (Math.imul((one << 13) | (one >>> 19), 5) + 0xe6546b64) | 0;
};

const finish = (state: number): number => {
  let one = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
  one = Math.imul(one ^ (one >>> 13), 0xc2b2ae35);
  return (one ^ (one >>> 16)) >>> 0;
};

/**
 * MurmurHash3 (x86, 32 bits), twice, with different seeds: together they find accidents as well as SHA-256
 * does, in a tenth of its time; nobody chooses the rows of both sides.
 * @param hashes begins with the seeds, and gets the hashes
 */
const hashBytes = (bytes: Uint8Array, start: number, end: number, hashes: Uint32Array): void => {
  let [low, high] = [hashes[0]! | 0, hashes[1]! | 0];
  let at = start;
  for (; at + 3 < end; at += 4) {
    const mixed = mixWord(
      bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24),
    );
    low = turn(low, mixed);
    high = turn(high, mixed);
  }
  let rest = 0;
  for (let last = end - 1; last >= at; last -= 1) rest = (rest << 8) | bytes[last]!;
  const mixed = mixWord(rest) ^ (end - start);
  hashes[0] = finish(low ^ mixed);
  hashes[1] = finish(high ^ mixed);
};

const [SEED_LOW, SEED_HIGH] = [0x9747b28c, 0x3c6ef372] as const;

const [FNV_OFFSET, FNV_PRIME] = [0x811c9dc5, 0x01000193] as const;

/** The bucket of a line, of the bytes of its first fields (FNV-1a, mixed once more). */
const bucketOf = (block: Uint8Array, start: number, keyLength: number): number => {
  let state: number = FNV_OFFSET;
  let left = keyLength;
  for (let at = start; ; at += 1) {
    const byte = block[at]!;
    if (byte === TAB) left -= 1;
    if (byte === LINE_END || left === 0) return finish(state) % BUCKETS;
    state = Math.imul(state ^ byte, FNV_PRIME);
  }
};

/** Calls with each line's begin and end, and its bucket. @param block whole lines */
export const eachLine = (
  block: Buffer,
  keyLength: number,
  visit: (start: number, end: number, bucket: number) => void,
): void => {
  for (let start = 0; start < block.length;) {
    const end = block.indexOf(LINE_END, start);
    visit(start, end, bucketOf(block, start, keyLength));
    start = end + 1;
  }
};

/** Number and checksum of lines, whatever their order; whole and by bucket. */
export type Checksum = {
  rows: number;
  /** Hashes of 64 bits, added up. */
  low: Uint32Array;
  high: Uint32Array;
  counts: Uint32Array;
};

export const newChecksum = (): Checksum => ({
  rows: 0,
  low: new Uint32Array(BUCKETS),
  high: new Uint32Array(BUCKETS),
  counts: new Uint32Array(BUCKETS),
});

/** Adds whole lines. @param keyLength how many of their first fields name the row */
export const addLines = (checksum: Checksum, block: Buffer, keyLength: number): void => {
  const { low, high, counts } = checksum;
  const hashes = new Uint32Array(2);
  eachLine(block, keyLength, (start, end, bucket) => {
    hashes[0] = SEED_LOW;
    hashes[1] = SEED_HIGH;
    hashBytes(block, start, end, hashes);
    const sum = low[bucket]! + hashes[0];
    low[bucket] = sum;
    high[bucket] = high[bucket]! + hashes[1] + (sum > 0xffff_ffff ? 1 : 0);
    counts[bucket] = counts[bucket]! + 1;
    checksum.rows += 1;
  });
};

/** The whole sum, in hex digits. */
export const sumOf = ({ low, high }: Checksum): string => {
  let sum = 0n;
  for (const [bucket, part] of low.entries()) sum += (BigInt(high[bucket]!) << 32n) + BigInt(part);
  return BigInt.asUintN(64, sum).toString(16).padStart(16, '0');
};

/** The buckets that differ, each with its number of rows on the larger side. */
export const unequalBuckets = (one: Checksum, other: Checksum): Map<number, number> => {
  const found = new Map<number, number>();
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    const [count = 0, otherCount = 0] = [one.counts[bucket], other.counts[bucket]];
    const isEqual =
      count === otherCount &&
      one.low[bucket] === other.low[bucket] &&
      one.high[bucket] === other.high[bucket];
    if (!isEqual) found.set(bucket, Math.max(count, otherCount));
  }
  return found;
};
