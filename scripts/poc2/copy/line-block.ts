/** Bytes of whole lines, which the heap does not hold. */
export type LineBlock = { bytes: Buffer; used: number };

const BLOCK_BYTES = 65_536;
const LINE_END = 10;
/** UTF-8 takes at most so many bytes for each unit of a string. */
const UNIT_BYTES = 3;

const sizeFor = (line: string): number => line.length * UNIT_BYTES + 1;

/** Blocks that are used again: new ones would cost memory until the next collection of garbage. */
const spare: LineBlock[] = [];

/** An empty block into which this line fits. */
export const takeBlock = (line: string): LineBlock => {
  const found = sizeFor(line) > BLOCK_BYTES ? undefined : spare.pop();
  return found ?? { bytes: Buffer.allocUnsafeSlow(Math.max(BLOCK_BYTES, sizeFor(line))), used: 0 };
};

/** Gives back blocks that nobody reads any more. */
export const giveBack = (blocks: readonly LineBlock[]): void => {
  for (const block of blocks)
    if (block.bytes.length === BLOCK_BYTES) {
      block.used = 0;
      spare.push(block);
    }
};

/** Adds a line and its end; false where it may not fit. */
export const append = (block: LineBlock, line: string): boolean => {
  if (block.used + sizeFor(line) > block.bytes.length) return false;
  block.used += block.bytes.write(line, block.used);
  block.bytes[block.used] = LINE_END;
  block.used += 1;
  return true;
};

export const bytesIn = ({ bytes, used }: LineBlock): Buffer => bytes.subarray(0, used);
