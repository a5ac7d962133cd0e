import type { Client } from '../../../../../shared/client/client.ts';
import { profile } from '../../../../../shared/contracts/profile.ts';
import { AVATAR_MAX_BYTES } from '../../../../../shared/contracts/profile/sizes.ts';

/** For the file chooser; the server looks at the bytes. */
export const IMAGE_TYPES = ['image/png', 'image/jpeg', 'image/webp'];

type Upload = { part: number; preview: string | null; stop: AbortController };

/** What is wrong with a file, before it is sent in vain; null when nothing is known to be. */
export const fileProblem = ({ type, size }: { type: string; size: number }): string | null => {
  if (type !== '' && !IMAGE_TYPES.includes(type)) return 'Choose a PNG, JPEG or WebP image.';
  if (size > AVATAR_MAX_BYTES) return 'This image is larger than 5 MB. Choose a smaller one.';
  return size === 0 ? 'This file is empty.' : null;
};

/** An address of the image that the content security policy allows. */
const previewOf = (file: Blob): Promise<string | null> =>
  new Promise((resolve) => {
    const reader = new FileReader();
    // Destructured: the build takes a property of this name for a schema of a contract, and would add zod.
    reader.onload = () => {
      const { result } = reader;
      resolve(result as string);
    };
    reader.onerror = () => resolve(null);
    reader.readAsDataURL(file);
  });

/** The upload and the removal of the user's avatar, one at a time. */
export const createAvatarUpload = (client: Client, onChanged: () => Promise<void>) => {
  let upload = $state<Upload | null>(null);
  /** A sentence of ours, or what the server answered. */
  let failure = $state.raw<unknown>(null);

  return {
    /** From 0 to 1; null when nothing is on its way. */
    get part() {
      return upload?.part ?? null;
    },
    get preview() {
      return upload?.preview ?? null;
    },
    get failure() {
      return failure;
    },
    async send(file: File): Promise<boolean> {
      if (upload !== null) return false;
      failure = fileProblem(file);
      if (failure !== null) return false;
      const stop = new AbortController();
      upload = { part: 0, preview: null, stop };
      void previewOf(file).then((preview) => {
        if (upload) upload.preview = preview;
      });
      try {
        const onProgress = (part: number): void => {
          if (upload) upload.part = part;
        };
        await client.upload(profile.actions.uploadAvatar, file, { signal: stop.signal, onProgress });
        await onChanged();
        return true;
      } catch (error) {
        if (!stop.signal.aborted) failure = error;
        return false;
      } finally {
        upload = null;
      }
    },
    async remove(): Promise<boolean> {
      failure = null;
      try {
        await client.call(profile.actions.removeAvatar, {});
        await onChanged();
        return true;
      } catch (error) {
        failure = error;
        return false;
      }
    },
    stop: (): void => upload?.stop.abort(),
  };
};
