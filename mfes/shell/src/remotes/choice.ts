import { HOST_CONTRACT, OLDEST_CONTRACT } from '../../../../shared/client/host.ts';
import type { Remote, RemoteFiles, RemoteVersion } from '../../../../shared/client/remote-files.ts';

/** A version to load: with its files, or with the address of their description. */
export type Choice = RemoteFiles | RemoteVersion;

/** What a version that this shell cannot mount needs: another shell, or a newer version of itself. */
export class ContractError extends Error {
  override readonly name = 'ContractError';
  readonly needs: 'shell' | 'remote';

  constructor(name: string, contract: number) {
    const needs = contract > HOST_CONTRACT ? 'shell' : 'remote';
    super(
      `remote ${name} needs contract ${contract}, the shell offers ${OLDEST_CONTRACT} to ${HOST_CONTRACT}`,
    );
    this.needs = needs;
  }
}

/** Whether this shell can mount a version. */
export const isMountable = ({ contract = 1 }: { contract?: number }): boolean =>
  contract >= OLDEST_CONTRACT && contract <= HOST_CONTRACT;

/**
 * A number from 0 up to 100 for a user or browser and a version: always the same, and evenly spread, so
 * that a larger share of the users contains all of a smaller one.
 */
export const shareOf = (who: string, name: string, version: string): number => {
  let hash = 0x811c9dc5;
  // FNV-1a, with the last mixing of MurmurHash 3: alone it barely spreads what differs at the end.
  for (const char of `${name}@${version}:${who}`)
    hash = Math.imul(hash ^ (char.codePointAt(0) ?? 0), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32) * 100;
};

/** The version of a user: the one of a share if they belong to it, or else the current one. */
export const wantedOf = (name: string, remote: Remote, who: string): Choice => {
  const { canary } = remote;
  return canary && shareOf(who, name, canary.version) < canary.percent ? canary : remote;
};

/**
 * Versions in the order in which they are tried: the wanted one, the current one, those that worked in this
 * browser before, and the one before the current one; those that failed on this page come last.
 */
export const choicesOf = (
  wanted: readonly Choice[],
  worked: readonly RemoteFiles[],
  isBroken: (version: string) => boolean,
): Choice[] => {
  const all = new Map<string, Choice>();
  for (const choice of [...wanted.slice(0, 2), ...worked, ...wanted.slice(2)]) {
    if (!all.has(choice.version) && isMountable(choice)) all.set(choice.version, choice);
  }
  const choices = [...all.values()];
  return [
    ...choices.filter(({ version }) => !isBroken(version)),
    ...choices.filter(({ version }) => isBroken(version)),
  ];
};
