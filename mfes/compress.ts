import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { brotliCompress, constants, gzip } from 'node:zlib';

const MIN_SIZE_BYTES = 1024;
const TEXT = /\.(?:css|html|js|json|svg|txt|xml)$/;

const brotli = promisify(brotliCompress);
const deflate = promisify(gzip);

/** Writes `.br` and `.gz` beside each text file that is worth it, and removes those of one that is not. */
export const compressBeside = async (files: readonly string[]): Promise<void> => {
  for (const file of files.filter((name) => TEXT.test(name))) {
    if ((await stat(file)).size <= MIN_SIZE_BYTES) {
      await Promise.all([rm(`${file}.br`, { force: true }), rm(`${file}.gz`, { force: true })]);
      continue;
    }
    const text = await readFile(file);
    const [small, fallback] = await Promise.all([
      brotli(text, { params: { [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY } }),
      deflate(text, { level: 9 }),
    ]);
    await Promise.all([writeFile(`${file}.br`, small), writeFile(`${file}.gz`, fallback)]);
  }
};
