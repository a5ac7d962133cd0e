import type { Remote, RemoteFiles, RemoteVersion } from '../shared/client/remote-files.ts';

type Canary = NonNullable<Remote['canary']>;

const refuse = (sentence: string): never => {
  throw new Error(sentence);
};

const onlyFiles = (files: RemoteFiles): RemoteFiles => {
  const { version, contract, entry, integrity, modules, styles, native } = files;
  return { version, contract: contract ?? 1, entry, integrity, modules, styles, ...(native && { native }) };
};

/**
 * The remote after a deployment for everybody. The version before stays the one to go back to; a canary ends.
 * @param replaced the version that is current until now, or null where there is none
 */
export const deployed = (
  before: Remote | undefined,
  files: RemoteFiles,
  replaced: RemoteVersion | null,
): Remote => {
  if (before?.version === files.version) {
    const { canary: _ended, ...rest } = before;
    return rest;
  }
  return { ...onlyFiles(files), ...(replaced && { previous: replaced }) };
};

/**
 * The remote with another version for a share of the users.
 * @param percent 1 to 99
 * @throws Error where there is no current version, or it is this one
 */
export const withCanary = (before: Remote | undefined, given: RemoteVersion, percent: number): Remote => {
  if (!before) return refuse('there is no version yet for everybody else: deploy it without --canary');
  if (before.version === given.version) return refuse(`version ${given.version} is everybody's already`);
  if (!Number.isInteger(percent) || percent < 1 || percent > 99)
    return refuse('--canary takes a whole number of percent from 1 to 99');
  const canary: Canary = { ...given, percent };
  return { ...before, canary };
};

/** What a rollback does: it ends a canary first, and without one goes back to the version before. */
export const rollbackTarget = ({ canary, previous }: Remote): RemoteVersion | 'canary' =>
  canary
    ? 'canary'
    : (previous ?? refuse('there is no version before this one; `list` shows those that are kept'));

/**
 * The remote after a rollback. The version that is taken back is not remembered as one to fall back to.
 * @param files those of the version before, or null to end a canary
 */
export const rolledBack = (before: Remote, files: RemoteFiles | null): Remote => {
  if (files) return onlyFiles(files);
  const { canary: _ended, ...rest } = before;
  return rest;
};

/** The versions that must stay: one that a manifest names is never deleted. */
export const namedVersions = ({ version, previous, canary }: Remote): string[] =>
  [version, previous?.version, canary?.version].filter((name) => name !== undefined);

/** A sentence for each version that the shell could not mount, or null. */
export const contractProblem = (
  { version, contract = 1 }: { version: string; contract?: number },
  shell: { from: number; to: number } | undefined,
): string | null => {
  if (!shell || (contract >= shell.from && contract <= shell.to)) return null;
  const accepts = shell.from === shell.to ? `${shell.to}` : `${shell.from} to ${shell.to}`;
  return contract > shell.to
    ? `version ${version} needs a newer shell (contract ${contract}, deployed is ${accepts})`
    : `version ${version} is too old for the deployed shell (contract ${contract}, it accepts ${accepts})`;
};
