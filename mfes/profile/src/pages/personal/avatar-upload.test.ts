import { AVATAR_MAX_BYTES } from '../../../../../shared/contracts/profile/sizes.ts';
import { fileProblem } from './avatar-upload.svelte.ts';

it.each([
  ['image/png', AVATAR_MAX_BYTES, null],
  // A system may not know the type; the server looks at the bytes.
  ['', 5, null],
  ['image/webp', AVATAR_MAX_BYTES + 1, 'This image is larger than 5 MB. Choose a smaller one.'],
  ['image/gif', 5, 'Choose a PNG, JPEG or WebP image.'],
  ['image/jpeg', 0, 'This file is empty.'],
])('a file of %j with %i bytes: %j', (type, size, problem) => {
  expect(fileProblem({ type, size })).toBe(problem);
});
