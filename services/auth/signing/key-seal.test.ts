import { createKeySeal } from './key-seal.ts';

const [FIRST, SECOND, THIRD] = ['a', 'b', 'c'].map((letter) => letter.repeat(32)) as [string, string, string];
const KEY = Buffer.from('a private key of thirty-two byte');

describe('a sealed key', () => {
  const seal = createKeySeal(FIRST, null);
  const sealed = seal.seal('key-1', KEY);

  it('contains nothing of the key, and differs each time', () => {
    expect(sealed.includes(KEY.subarray(0, 4))).toBe(false);
    expect(seal.seal('key-1', KEY)).not.toEqual(sealed);
  });

  it('is opened by the secret that sealed it, also as the previous one', () => {
    expect(seal.open('key-1', sealed)).toEqual({ privateKey: KEY, isCurrent: true });
    expect(createKeySeal(SECOND, FIRST).open('key-1', sealed)).toEqual({ privateKey: KEY, isCurrent: false });
  });

  it.each([
    ['by another secret', createKeySeal(SECOND, THIRD), 'key-1', sealed],
    ['as another key', seal, 'key-2', sealed],
    ['after a change', seal, 'key-1', Buffer.from(sealed.map((byte, at) => (at === 40 ? byte ^ 1 : byte)))],
    ['when it is too short', seal, 'key-1', sealed.subarray(0, 20)],
    ['when it is empty', seal, 'key-1', Buffer.alloc(0)],
  ])('is not opened %s', (_case, one, keyId, bytes) => {
    expect(() => one.open(keyId, bytes)).toThrow('AUTH_KEY_SEAL does not open the signing key');
  });
});
