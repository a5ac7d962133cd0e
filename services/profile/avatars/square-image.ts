import type { default as Sharp } from 'sharp';
import pLimit from 'p-limit';
import { AppError } from '../../../broker/calls/errors.ts';
import { imageKindOf } from '../domain/image-kind.ts';

/** Both sides of a stored avatar, in pixels: more than twice what pages show, for dense screens. */
const SIDE = 256;
/**
 * More than phones photograph. A file of some kilobytes can declare any number; an interlaced one is decoded
 * as a whole, with four bytes for each pixel.
 */
const PIXELS_MAX = 50_000_000;
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

/** One at a time: the pixels of one image may take 200 MB. */
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
      // The number of pixels is checked here, for an error of its own.
      const image = sharp(bytes, { limitInputPixels: false, failOn: 'error', pages: 1 });
      const { width, height } = await image.metadata();
      if (width * height > PIXELS_MAX) throw new AppError('image_too_large');
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
