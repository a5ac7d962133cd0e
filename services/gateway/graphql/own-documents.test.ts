import { getNamedType, isEnumType, isLeafType, parse, TypeInfo, visit, visitWithTypeInfo } from 'graphql';
import { admin } from '../../../shared/contracts/admin/admin.ts';
import { CONTRACTS } from '../../../shared/contracts/all.ts';
import type { Action } from '../../../shared/contracts/contract.ts';
import { OWN_DOCUMENTS } from '../../../shared/contracts/graphql/own-documents.ts';
import { PAYMENT_DOCUMENT } from '../../../shared/contracts/graphql/payment.ts';
import { PAYMENT_RECORDS_DOCUMENT } from '../../../shared/contracts/graphql/payment-records.ts';
import { payments } from '../../../shared/contracts/payments.ts';
import { documentsOf } from './documents.ts';
import { deriveSchema } from './testing/derive-schema.ts';
import { operationOf } from './testing/operations.ts';

const schema = deriveSchema(CONTRACTS);

/** The values that a document asks for, by their paths from the query, each with its type. */
const valuesIn = (query: string): Map<string, string> => {
  const info = new TypeInfo(schema);
  const path: string[] = [];
  const values = new Map<string, string>();
  const Field = {
    enter: ({ name }: { name: { value: string } }) => {
      path.push(name.value);
      const type = info.getType();
      if (type && isLeafType(getNamedType(type))) values.set(path.join('.'), String(type));
    },
    leave: () => void path.pop(),
  };
  visit(parse(query), visitWithTypeInfo(info, { Field }));
  return values;
};

/** What an action answers over REST. */
const answersOf = (action: Action): string[] => [
  ...valuesIn(operationOf(schema, action, { id: null }).query).keys(),
];

test('each document of our pages fits the schema, also where only trusted ones run', () => {
  const settings = { introspection: false, documents: new Map([['another', '{ authMe { id } }']]) };
  const prepare = documentsOf(schema, settings);
  for (const query of OWN_DOCUMENTS) expect(() => prepare({ query, variables: {} })).not.toThrow();
  const unknownField = PAYMENT_DOCUMENT.replace('amountMinor', 'amountMajor');
  const open = documentsOf(schema, { introspection: false, documents: null });
  expect(() => open({ query: unknownField, variables: {} })).toThrow('the request is refused');
  expect(() => prepare({ query: '{ authMe { name } }', variables: {} })).toThrow('the request is refused');
});

// Their types say that an answer has all that the contracts' results have.
test('the page of a payment asks for all that REST answers, and for avatars', () => {
  const values = valuesIn(PAYMENT_DOCUMENT);
  const avatars = ['paymentsGet.payer.avatarUrl', 'paymentsGet.payee.avatarUrl'];
  expect([...values.keys()].sort()).toEqual([...answersOf(payments.actions.get), ...avatars].sort());
  expect(avatars.map((path) => values.get(path))).toEqual(['String', 'String']);
});

test('the records of a payment are all that REST answers', () => {
  const records = [...valuesIn(PAYMENT_RECORDS_DOCUMENT).keys()].filter((path) =>
    path.startsWith('payments'),
  );
  expect(records.sort()).toEqual(answersOf(payments.actions.records).sort());
  const entries = [...valuesIn(PAYMENT_RECORDS_DOCUMENT).keys()].filter((path) => path.startsWith('admin'));
  expect(entries.filter((path) => !answersOf(admin.actions.auditEntries).includes(path))).toEqual([]);
});

test('values of enums have the same names as over REST', () => {
  const types = OWN_DOCUMENTS.flatMap((query) => [...valuesIn(query).values()]);
  const enums = types.map((type) => schema.getType(type.replaceAll(/\W/g, ''))).filter(isEnumType);
  expect(enums.map(({ name }) => name)).toEqual(expect.arrayContaining(['Currency', 'PaymentStatus']));
  for (const { name, value } of enums.flatMap((type) => type.getValues())) expect(name).toBe(value);
});
