import { CONTRACTS } from '../../shared/contracts/all.ts';
import { API_VERSION } from '../../shared/contracts/version.ts';
import { compareContracts, type Change } from './compare-contracts.ts';
import { contractsAt, startOfVersion, type Released } from './contracts-at.ts';

const HEADINGS = {
  breaking: 'breaks clients',
  risky: 'may surprise clients',
  compatible: 'breaks no client',
} as const;

/** Whether the changes may be released under this version of the API. */
export const isAllowed = (changes: readonly Change[], before: string, now: string): boolean =>
  now !== before || changes.every(({ level }) => level !== 'breaking');

const print = ({ commit, apiVersion }: Released, changes: readonly Change[]): void => {
  console.log(`Contracts since ${commit.slice(0, 12)} (API version ${apiVersion}, now ${API_VERSION})`);
  for (const level of ['breaking', 'risky', 'compatible'] as const) {
    const found = changes.filter((change) => change.level === level);
    if (found.length === 0) continue;
    console.log(`\n${HEADINGS[level]}:`);
    for (const { of, text } of found) console.log(`  ${of}: ${text}`);
  }
  const count = (level: Change['level']) => changes.filter((change) => change.level === level).length;
  console.log(`\n${count('breaking')} breaking, ${count('risky')} risky, ${count('compatible')} compatible`);
};

/**
 * Prints what differs from a commit, by default the one that the API's present version began with.
 * @returns whether nothing breaks clients without another version
 */
export const diff = async (ref: string | undefined): Promise<boolean> => {
  const base = ref ?? startOfVersion();
  if (base === null) {
    console.log('Nothing to compare with: no whole history of git that has shared/contracts/version.ts');
    return true;
  }
  const before = await contractsAt(base);
  const changes = compareContracts(before.contracts, CONTRACTS);
  print(before, changes);
  const allowed = isAllowed(changes, before.apiVersion, API_VERSION);
  if (!allowed) console.log('Keep what clients use, or raise API_VERSION in shared/contracts/version.ts');
  return allowed;
};
