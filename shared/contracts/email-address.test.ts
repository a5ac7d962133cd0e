import fc from 'fast-check';
import { canonicalEmail, emailProblem } from './email-address.ts';

const LABEL = 'a'.repeat(63);

it.each([
  ['  Ada@Example.COM ', 'ada@example.com'],
  ['user@bücher.example', 'user@xn--bcher-kva.example'],
  ['user@BÜCHER.example', 'user@xn--bcher-kva.example'],
  ['user@bu\u0308cher.example', 'user@xn--bcher-kva.example'],
  ['user@XN--BCHER-KVA.example', 'user@xn--bcher-kva.example'],
  ['user@例え.テスト', 'user@xn--r8jz45g.xn--zckzah'],
  ['user@пример.рф', 'user@xn--e1afmkfd.xn--p1ai'],
  ['user@ｅｘａｍｐｌｅ．com', 'user@example.com'],
  ["!#$%&'*+/=?^_`{|}~-.x@example.com", "!#$%&'*+/=?^_`{|}~-.x@example.com"],
  [`${'a'.repeat(64)}@example.com`, `${'a'.repeat(64)}@example.com`],
  [
    `a@${LABEL}.${LABEL}.${LABEL}.${'a'.repeat(56)}.com`,
    `a@${LABEL}.${LABEL}.${LABEL}.${'a'.repeat(56)}.com`,
  ],
])('%j is the address %j', (typed, address) => {
  const canonical = canonicalEmail(typed);
  expect([canonical, emailProblem(canonical)]).toEqual([address, null]);
  expect(canonicalEmail(canonical)).toBe(canonical);
});

it.each([
  ...['ada', 'ada@', '@example.com', '', ' ', 'ada@localhost', 'a b@example.com', 'ada@exam ple.com'],
  ...['.ada@example.com', 'ada.@example.com', 'a..da@example.com', 'a@b@example.com', 'ada@example..com'],
  ...['ada@example.com.', 'ada@-example.com', 'ada@example-.com', 'ada@exam_ple.com', 'ada@[127.0.0.1]'],
  ...[
    'ada@127.0.0.1',
    'ada@1.2.3',
    'ada@0x7f.1',
    'ada@example.com/x',
    'ada@example.com?x',
    'ada@example.com#x',
  ],
  ...[
    'ada@example.com:80',
    'ada@exam%70le.com',
    'ada@example.com\\x',
    'ada@exam\tple.com',
    'ada@exam\nple.com',
  ],
  ...[`a@${'a'.repeat(64)}.com`, '<ada@example.com>', 'ada@example.com, bob@example.com', 'a(b)@example.com'],
  ...['ada@example\u0000.com', 'ada@a\u200db.example'],
])('%j is no address', (typed) =>
  expect(emailProblem(canonicalEmail(typed))).toBe('must be an e-mail address'),
);

it.each([
  [`${'a'.repeat(65)}@example.com`, 'must have at most 64 characters before the @'],
  [`a@${'a.'.repeat(125)}com`, 'must have at most 254 characters'],
  ['"ada lovelace"@example.com', 'must not have quotation marks'],
  ['jürgen@example.com', 'must have only letters from a to z, digits and signs before the @'],
  ['αβγ@example.com', 'must have only letters from a to z, digits and signs before the @'],
  // The Kelvin sign, whose lower case is k.
  ['\u212aate@example.com', 'must have only letters from a to z, digits and signs before the @'],
])('of %j is said what is wrong: %s', (typed, problem) =>
  expect(emailProblem(canonicalEmail(typed))).toBe(problem),
);

it('addresses that earlier versions stored, in lower case and ASCII, are in the one form already', () => {
  const label = fc.stringMatching(/^[a-z0-9](?:[a-z0-9-]{0,8}[a-z0-9])?$/);
  const local = fc.stringMatching(/^[a-z0-9_'+-]{1,10}(?:\.[a-z0-9_'+-]{1,10})?$/);
  const domain = fc.tuple(
    fc.oneof(
      label,
      label.map((rest) => `xn--${rest}`),
    ),
    fc.stringMatching(/^[a-z]{2,6}$/),
  );
  fc.assert(
    fc.property(local, domain, (name, labels) => {
      const address = `${name}@${labels.join('.')}`;
      expect([canonicalEmail(address), emailProblem(address)]).toEqual([address, null]);
    }),
  );
});
