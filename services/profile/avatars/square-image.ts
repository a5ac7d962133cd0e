import type { default as Sharp } from 'sharp';
import pLimit from 'p-limit';
import { AppError } from '../../../broker/calls/errors.ts';
import { imageKindOf } from '../domain/image-kind.ts';

/** Both sides of a stored avatar, in pixels: more than twice what pages show, for dense screens. */
const SIDE = 256;
/**
 * 50 million pixels of three bytes, more than phones photograph. A file of some kilobytes can declare any
 * number; interlaced and progressive ones are decoded as a whole, which then takes 180 MB of memory.
 */
const DECODED_MAX_BYTES = 150_000_000;
const SECONDS_MAX = 10;

let loaded: Promise<typeof Sharp> | null = null;

/** The library is 20 MB in memory: it is loaded for the first image. It reads these three formats only. */
const load = (): Promise<typeof Sharp> =>
  (loaded ??= import('sharp').then(({ default: sharp }) => {
    sharp.block({ operation: ['VipsForeignLoad'] });
    sharp.unblock({ operation: ['VipsForeignLoadPng', 'VipsForeignLoadJpeg', 'VipsForeignLoadWebp'] });
    sharp.cache(false);
    sharp.concurrency(1);
    return sharp;
  }));

/** One at a time, because of their memory. */
const inTurn = pLimit(1);

/**
 * The middle of an image as a WebP square, upright and without metadata, so without the place where it was
 * taken.
 * @throws AppError `image_unsupported`, `image_too_large` for too many pixels, `image_unreadable`
 */
export const squareImage = async (bytes: Buffer): Promise<Buffer> => {
  if (imageKindOf(bytes) === null) throw new AppError('image_unsupported');
  const sharp = await load();
  return inTurn(async () => {
    try {
      // The size is checked here, for an error of its own.
      const image = sharp(bytes, { limitInputPixels: false, failOn: 'error', pages: 1 });
      const { width, height, channels, depth } = await image.metadata();
      const pixelBytes = channels * (depth === 'uchar' ? 1 : 2);
      if (width * height * pixelBytes > DECODED_MAX_BYTES) throw new AppError('image_too_large');
      return await image
        .autoOrient()
        .resize(SIDE, SIDE, { fit: 'cover' })
        .webp({ quality: 82 })
        .timeout({ seconds: SECONDS_MAX })
        .toBuffer();
    } catch (error) {
      throw error instanceof AppError ? error : new AppError('image_unreadable', {}, { cause: error });
    }
  });
};
