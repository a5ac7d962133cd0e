import { isObjectType, validateSchema } from 'graphql';
import { CONTRACTS } from '../../../shared/contracts/all.ts';
import { EXTENDED_SCHEMAS, NAMED_SCHEMAS } from '../../../shared/contracts/documentation/schemas.ts';
import { defOf } from './made.ts';
import { fieldName, valueName } from './names.ts';
import { deriveSchema } from './testing/derive-schema.ts';
import { fieldOf, operationOf } from './testing/operations.ts';
import { documentsOf } from './documents.ts';
import { whyWithoutField } from './without-field.ts';

const ACTIONS = CONTRACTS.flatMap(({ actions }) => Object.values(actions));
const schema = deriveSchema(CONTRACTS);

/** Routes without a field. One more is a decision. */
const WITHOUT_FIELD = [
  'admin.exportAuditCsv',
  'admin.exportAuditJson',
  'analytics.record',
  'auth.refresh',
  'payments.exportReport',
  'payments.processorWebhook',
  'profile.avatar',
  'profile.downloadExport',
  'profile.uploadAvatar',
];

test('the schema is valid', () => {
  expect(validateSchema(schema)).toEqual([]);
});

test('every action with a route has a field, or is named above', () => {
  const without = ACTIONS.filter((action) => action.http && whyWithoutField(action) !== null);
  expect(without.map(({ name }) => name).sort()).toEqual(WITHOUT_FIELD);
  const withField = ACTIONS.filter((action) => whyWithoutField(action) === null);
  for (const action of withField) expect(fieldOf(schema, action).description).toContain('.');
  const roots = [schema.getQueryType(), schema.getMutationType()];
  const fields = roots.flatMap((root) => Object.keys(root!.getFields()));
  expect(fields.sort()).toEqual(withField.map(({ name }) => fieldName(name)).sort());
});

test('reads are queries, all else are mutations', () => {
  for (const action of ACTIONS.filter((one) => whyWithoutField(one) === null)) {
    const root = action.idempotent === 'read' ? schema.getQueryType() : schema.getMutationType();
    expect([action.name, fieldName(action.name) in root!.getFields()]).toEqual([action.name, true]);
  }
});

test('what is answered can be asked for in full', () => {
  const prepare = documentsOf(schema, { introspection: false, documents: null });
  for (const action of ACTIONS.filter((one) => whyWithoutField(one) === null)) {
    const { args } = fieldOf(schema, action);
    const needed = args.filter(({ type }) => String(type).endsWith('!')).map(({ name }) => [name, null]);
    expect(() => prepare(operationOf(schema, action, Object.fromEntries(needed)))).not.toThrow();
  }
});

test('no amount is a Float', () => {
  const types = Object.values(schema.getTypeMap()).filter(isObjectType);
  const amounts = types.flatMap((type) =>
    Object.values(type.getFields()).filter(({ name }) => /amount|minor/i.test(name)),
  );
  expect(amounts.length).toBeGreaterThan(8);
  expect(amounts.filter(({ type }) => /Float|Int|SafeInteger|String/.test(String(type)))).toEqual([]);
  const byCurrency = schema.getType('PublicSettingsLargestAmounts');
  expect(isObjectType(byCurrency) && String(byCurrency.getFields()['EUR']?.type)).toBe('MinorUnits');
});

test('currency, status, role and ids have types of their own', () => {
  const fields = (name: string) => {
    const type = schema.getType(name);
    const all = isObjectType(type) ? Object.values(type.getFields()) : [];
    return Object.fromEntries(all.map((one) => [one.name, String(one.type)]));
  };
  expect(fields('Payment')).toMatchObject({
    id: 'PaymentId!',
    status: 'PaymentStatus!',
    amountMinor: 'MinorUnits!',
    currency: 'Currency!',
    createdAt: 'Time!',
  });
  expect(fields('User')).toMatchObject({ id: 'UserId!', role: 'Role!', status: 'UserStatus!' });
});

test('a type that stands for a longer one has all of its fields', () => {
  const [longer] = Object.entries(EXTENDED_SCHEMAS).filter(([id]) => !schema.getType(id));
  const [name = '', base] = longer ?? [];
  expect([name, NAMED_SCHEMAS.get(base!)?.id]).toEqual(['PaymentDetails', 'Payment']);
  const details = ACTIONS.find((action) => NAMED_SCHEMAS.get(action.result)?.id === name)!;
  const type = schema.getType('Payment');
  const known = isObjectType(type) ? Object.keys(type.getFields()) : [];
  expect(known).toEqual(expect.arrayContaining(Object.keys(defOf(details.result).shape)));
});

test('values that GraphQL cannot write have other names', () => {
  expect(['-createdAt', 'en-GB', '28', 'EUR'].map(valueName)).toEqual([
    'desc_createdAt',
    'en_GB',
    '_28',
    'EUR',
  ]);
});
