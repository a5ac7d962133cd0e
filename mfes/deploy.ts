import type { Manifest, Remote } from '../shared/client/remote-files.ts';
import {
  contractProblem,
  deployed,
  namedVersions,
  rollbackTarget,
  rolledBack,
  withCanary,
} from './deployments.ts';
import {
  copyVersion,
  deleteOld,
  locked,
  manifestOf,
  readVersion,
  touchReplaced,
  versionsOf,
  writeManifest,
} from './web-folder.ts';

/** `from`: the web folder with the version's files; `percent`: the share of the users, or null for all. */
export type Change =
  | { kind: 'deploy'; version: string; percent: number | null; from: string }
  | { kind: 'rollback' | 'promote' };

type Changed = { remote: Remote; sentence: string };

const deploy = async (
  root: string,
  name: string,
  { shell, remotes }: Manifest,
  version: string,
  percent: number | null,
): Promise<Changed> => {
  const before = remotes[name];
  const { files, named } = await readVersion(root, name, version);
  const problem = contractProblem(files, shell);
  if (problem) throw new Error(problem);
  if (percent !== null) {
    const remote = withCanary(before, named, percent);
    return { remote, sentence: `${name} ${version} is deployed for ${percent} % of the users` };
  }
  const replaced = before && (await readVersion(root, name, before.version).catch(() => null));
  const remote = deployed(before, files, replaced?.named ?? null);
  const isSame = before?.version === version && !before.canary;
  return { remote, sentence: `${name} ${version} is ${isSame ? 'deployed already' : 'deployed'}` };
};

const rollback = async (
  root: string,
  name: string,
  { shell }: Manifest,
  before: Remote,
): Promise<Changed> => {
  const target = rollbackTarget(before);
  if (target === 'canary')
    return { remote: rolledBack(before, null), sentence: `${name}: everybody has ${before.version} again` };
  const { files } = await readVersion(root, name, target.version);
  const problem = contractProblem(files, shell);
  if (problem) throw new Error(problem);
  const sentence = `${name}: ${before.version} is taken back, ${target.version} is deployed again`;
  return { remote: rolledBack(before, files), sentence };
};

const changed = async (root: string, name: string, manifest: Manifest, change: Change): Promise<Changed> => {
  if (change.kind === 'deploy') return deploy(root, name, manifest, change.version, change.percent);
  const before = manifest.remotes[name];
  if (before === undefined) throw new Error(`${name} is not deployed in ${root}`);
  if (change.kind === 'rollback') return rollback(root, name, manifest, before);
  if (!before.canary) throw new Error(`${name} has no canary to promote`);
  return deploy(root, name, manifest, before.canary.version, null);
};

/**
 * Changes which version of a remote the manifest of a web folder names. All files of the version are
 * compared with their hashes first; browsers see the change with their next page load or navigation.
 * @returns what was done, as a sentence
 * @throws Error with a sentence when it cannot be done; the manifest is as it was then
 */
export const changeRemote = (root: string, name: string, change: Change): Promise<string> =>
  locked(root, async () => {
    if (change.kind === 'deploy') await copyVersion(change.from, root, name, change.version);
    const before = await manifestOf(root);
    const { remote, sentence } = await changed(root, name, before, change);
    const after = { ...before, remotes: { ...before.remotes, [name]: remote } };
    await writeManifest(root, after);
    await touchReplaced(root, before, after);
    await deleteOld([root], name, after, Date.now());
    return `${sentence}.`;
  });

const line = (version: string, { canary, ...remote }: Remote): string => {
  if (version === remote.version) return canary ? 'current, for the others' : 'current';
  if (version === canary?.version) return `canary, ${canary.percent} % of the users`;
  return version === remote.previous?.version ? 'the one before' : 'kept for a day';
};

/** The versions of each remote in a web folder, as lines of text. */
export const listRemotes = async (root: string): Promise<string> => {
  const { remotes } = await manifestOf(root);
  const lines = await Promise.all(
    Object.entries(remotes).map(async ([name, remote]) => {
      const kept = await versionsOf(root, name);
      const names = [...new Set([...namedVersions(remote), ...kept.map(({ version }) => version)])];
      const atOf = (version: string): string => {
        const found = kept.find((one) => one.version === version);
        return found ? new Date(found.atMs).toISOString().slice(0, 16).replace('T', ' ') : 'missing!';
      };
      return [name, ...names.map((one) => `  ${one}  ${atOf(one)}  ${line(one, remote)}`)].join('\n');
    }),
  );
  return lines.join('\n');
};
