import type { Mount } from '../../../../shared/client/host.ts';
import type { RemoteFiles } from '../../../../shared/client/remote-files.ts';

/**
 * `kept`: as it was loaded before. The others read the manifest again: `again` tries all versions, `other`
 * first those that have not just failed, `newest` only the one that this user should have.
 */
export type LoadMode = 'kept' | 'again' | 'other' | 'newest';

/** Why another version is shown than this user should have: that one is broken, or needs a newer shell. */
export type Fallback = 'broken' | 'shell' | null;

export type Loaded = { mount: Mount; files: RemoteFiles; fallback: Fallback };
