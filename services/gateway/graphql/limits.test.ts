import { CONTRACTS } from '../../../shared/contracts/all.ts';
import { documentsOf } from './documents.ts';
import { Refusal } from './failures.ts';
import { LIMITS } from './limits.ts';
import { deriveSchema } from './testing/derive-schema.ts';

const schema = deriveSchema(CONTRACTS);
const prepare = documentsOf(schema, { introspection: true, documents: null });

/** What a document is refused with; null for one that may run. */
const refusalOf = (query: string, variables = {}, prepareWith = prepare): string | null => {
  try {
    prepareWith({ query, variables });
    return null;
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return error.errors[0]?.message ?? '';
  }
};

const repeat = (count: number, text: (index: number) => string): string =>
  Array.from({ length: count }, (_, index) => text(index)).join(' ');
const PAYMENT = 'id amountMinor currency payer { id name } payee { id name } timeline { at status }';

test('a page of payments with their parties and timelines may be asked for', () => {
  expect(
    refusalOf(`{ paymentsList(first: 100) { nodes { ${PAYMENT} } pageInfo { endCursor } } }`),
  ).toBeNull();
  expect(refusalOf(`{ paymentsList { nodes { ...p } } } fragment p on Payment { ${PAYMENT} }`)).toBeNull();
});

test.each([
  ['10,000 aliases', `{ ${repeat(10_000, (at) => `a${at}: authMe { id }`)} }`, 'more than 1000 tokens'],
  [
    'a few aliases too many',
    `{ authMe { ${repeat(LIMITS.aliases + 1, (at) => `a${at}: id`)} } }`,
    'aliases: 31',
  ],
  [
    'aliases in a fragment used often',
    `{ authMe { ${repeat(4, (at) => `... on User { ...f } x${at}: id`)} } }
     fragment f on User { ${repeat(8, (at) => `b${at}: id`)} }`,
    'aliases: 36',
  ],
  ['fields 50 deep', `{ ${repeat(50, () => 'a {')} a ${repeat(50, () => '}')} }`, 'one another: 51'],
  [
    'many calls',
    `{ ${repeat(21, (at) => `${at < 20 ? `a${at}: ` : ''}authMe { id }`)} }`,
    'calls actions: 21',
  ],
  [
    'large lists in a literal',
    `{ ${repeat(4, (at) => `a${at}: paymentsList(first: 100) { nodes { ${PAYMENT} } }`)} }`,
    'may be answered with values',
  ],
  ['what nests without end', '{ authMe { ...a } } fragment a on User { id ...a }', 'Cannot spread fragment'],
  [
    'what doubles without end',
    `{ authMe { ...f0 } } ${repeat(60, (at) => `fragment f${at} on User { ...f${at + 1} ...f${at + 1} }`)}
     fragment f60 on User { id }`,
    'may be answered with values',
  ],
])('%s is refused', (_what, query, sentence) => {
  expect(refusalOf(query)).toContain(sentence);
});

test('the size of a list counts as the variable says', () => {
  const list = (at: number) => `a${at}: paymentsList(first: $n) { nodes { ${PAYMENT} } }`;
  const query = `query ($n: Int) { ${repeat(4, list)} }`;
  expect(refusalOf(query, { n: 5 })).toBeNull();
  expect(refusalOf(query, { n: 100 })).toContain('may be answered with values');
  // The same document, which is known now.
  expect(refusalOf(query, { n: 5 })).toBeNull();
});

test('a standard introspection query is within the limits, and is refused where it is off', async () => {
  const { getIntrospectionQuery } = await import('graphql');
  expect(refusalOf(getIntrospectionQuery())).toBeNull();
  const closed = documentsOf(schema, { introspection: false, documents: null });
  expect(refusalOf(getIntrospectionQuery(), {}, closed)).toContain('introspection');
  expect(refusalOf('{ __type(name: "User") { name } }', {}, closed)).toContain('introspection');
  expect(refusalOf('{ authMee { id } }')).toContain('Did you mean');
  expect(refusalOf('{ authMee { id } }', {}, closed)).not.toContain('authMe"');
});

test('what is refused by its size costs little', () => {
  const costly = [
    `{ ${repeat(10_000, (at) => `a${at}: authMe { id }`)} }`,
    `{ ${repeat(50, () => 'a {')} a ${repeat(50, () => '}')} }`,
    `{ ${repeat(300, () => '...f')} } fragment f on Query { authMe { id } }`,
  ];
  for (const query of costly) {
    const times = Array.from({ length: 30 }, () => {
      const { user } = process.cpuUsage();
      refusalOf(query);
      return process.cpuUsage().user - user;
    });
    // Far above the measured millisecond: this is about a wrong order of growth.
    expect(times.sort((a, b) => a - b)[15]).toBeLessThan(50_000);
  }
});

test('where documents are trusted no other one runs', () => {
  const documents = new Map([['me', '{ authMe { id } }']]);
  const trusted = documentsOf(schema, { introspection: false, documents });
  const refused = (asked: object) => {
    try {
      trusted({ variables: {}, ...asked });
      return null;
    } catch (error) {
      return (error as Refusal).errors[0]?.message;
    }
  };
  expect(refused({ documentId: 'me' })).toBeNull();
  expect(refused({ query: '{ authMe { id } }' })).toBeNull();
  expect(refused({ documentId: 'you' })).toBe('There is no trusted document of this id.');
  expect(refused({ query: '{ authMe { id name } }' })).toBe('Only trusted documents run here.');
  expect(refusalOf('', {}, (asked) => prepare({ variables: asked.variables, documentId: 'me' }))).toBe(
    'There is no trusted document of this id.',
  );
});
