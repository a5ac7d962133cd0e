import { HOST_CONTRACT, OLDEST_CONTRACT } from '../../../../shared/client/host.ts';
import type { Remote, RemoteFiles, RemoteVersion } from '../../../../shared/client/remote-files.ts';
import { choicesOf, ContractError, isMountable, shareOf, wantedOf } from './choice.ts';
import { remoteOf } from './parts.ts';
import { delayMs } from './retry.svelte.ts';

const files = (version: string, contract = HOST_CONTRACT): RemoteFiles => ({
  version,
  contract,
  entry: `/mfes/payments/${version}/remoteEntry.js`,
  integrity: '',
  modules: [],
  styles: [],
});
const named = (version: string, contract = HOST_CONTRACT): RemoteVersion => ({
  version,
  contract,
  href: `/mfes/payments/${version}/remote.json`,
});
const users = Array.from({ length: 20_000 }, (_, index) => `usr_${index.toString(36)}`);
const without = (): boolean => false;
const versions = (choices: readonly { version: string }[]) => choices.map(({ version }) => version);

describe('the share of a canary', () => {
  test.each([1, 10, 50, 90])('%d %% of the users, always the same, and all of a smaller share', (percent) => {
    const remote: Remote = { ...files('current'), canary: { ...named('next'), percent } };
    const chosen = users.filter((user) => wantedOf('payments', remote, user).version === 'next');
    expect(Math.abs((100 * chosen.length) / users.length - percent)).toBeLessThan(1);
    expect(chosen.every((user) => shareOf(user, 'payments', 'next') < percent)).toBe(true);
    const wider: Remote = { ...remote, canary: { ...named('next'), percent: percent + 5 } };
    expect(chosen.every((user) => wantedOf('payments', wider, user).version === 'next')).toBe(true);
  });

  test('another version or remote takes other users', () => {
    const chosen = (name: string, version: string) =>
      new Set(users.filter((user) => shareOf(user, name, version) < 10));
    const first = chosen('payments', 'next');
    for (const other of [chosen('payments', 'after'), chosen('profile', 'next')])
      expect([...other].filter((user) => first.has(user)).length / other.size).toBeLessThan(0.2);
  });
});

describe('the order of versions', () => {
  const current = files('current');
  test('the wanted one, the current one, what worked here, the one before', () => {
    const all = choicesOf(
      [named('canary'), current, named('before')],
      [files('worked'), files('worked-first')],
      without,
    );
    expect(versions(all)).toEqual(['canary', 'current', 'worked', 'worked-first', 'before']);
  });

  test('each version once, and those that failed on this page last', () => {
    const wanted = [current, current, named('before')];
    const all = choicesOf(wanted, [current, files('worked')], (version) => version === 'current');
    expect(versions(all)).toEqual(['worked', 'before', 'current']);
  });

  test('what this shell cannot mount is not tried', () => {
    const wanted = [files('newer', HOST_CONTRACT + 1), files('older', OLDEST_CONTRACT - 1)];
    expect(versions(choicesOf(wanted, [files('worked', OLDEST_CONTRACT)], without))).toEqual(['worked']);
    expect(choicesOf(wanted, [], without)).toEqual([]);
    expect(isMountable({})).toBe(true);
  });

  test('an error of the contract says who has to be newer', () => {
    expect(new ContractError('payments', HOST_CONTRACT + 1).needs).toBe('shell');
    expect(new ContractError('payments', OLDEST_CONTRACT - 1).needs).toBe('remote');
  });
});

test('delays grow to a minute and are spread', () => {
  expect([1, 2, 3, 4, 5, 6, 50].map((attempt) => delayMs(attempt, 0))).toEqual([
    2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000,
  ]);
  expect(delayMs(1, 1)).toBe(1_600);
});

test('an error belongs to the remote of its script, with its version', () => {
  const thrown = (stack: string) => Object.assign(new Error('x'), { stack });
  const at = (path: string) => thrown(`Error: x\n at f (https://a.example${path}:1:2)`);
  expect(remoteOf(at('/mfes/payments/0123456789ab~2/App-a.js'))).toEqual({
    name: 'payments',
    version: '0123456789ab',
  });
  expect(remoteOf(new Error('remote auth did not load'))).toMatchObject({ name: 'auth' });
  expect(remoteOf(at('/assets/index-a.js'))).toBeNull();
  expect(remoteOf('remote')).toBeNull();
});
