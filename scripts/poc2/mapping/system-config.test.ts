import { aConfig, given, kindsOf, nobody, rowsIn } from '../testing/source-rows.ts';
import { systemConfig } from './system-config.ts';

const map = (over: Parameters<typeof aConfig>[0], context = given()) =>
  systemConfig.map(aConfig(over), context);
const stopped = given({ settings: { maintenance_mode: 'paymentsStopped' } });

it('a row that is no setting is refused', () => {
  expect(kindsOf(map({}))).toEqual(['config_unknown refused']);
  expect(map({}).rows).toEqual([]);
});

it('a row can be a setting, with the change that made it', () => {
  const mapped = map({}, stopped);
  expect(rowsIn(mapped, 'settings')[0]).toEqual({ key: 'paymentsStopped', value: 'true', version: 1 });
  expect(rowsIn(mapped, 'setting_changes')).toEqual([
    expect.objectContaining({ key: 'paymentsStopped', version: 1, before: 'false', after: 'true' }),
  ]);
  expect(mapped.irregularities).toEqual([]);
});

it('a setting whose changer is unknown has no change', () => {
  const mapped = map(nobody('changer'), stopped);
  expect(rowsIn(mapped, 'settings')).toHaveLength(3);
  expect(rowsIn(mapped, 'setting_changes')).toEqual([]);
  expect(kindsOf(mapped)).toEqual(['changer_unknown mapped']);
});

it.each(['"yes"', '1', 'null'])('a value that the setting does not take is refused: %s', (value) => {
  expect(kindsOf(map({ value }, stopped))).toEqual(['setting_value refused']);
  expect(map({ value }, stopped).rows).toEqual([]);
});

it('a setting comes with the copies that auth and payments obey', () => {
  const copies = map({}, stopped).rows.filter(
    ({ table, database }) => table === 'settings' && database !== 'admin',
  );
  const values = { id: 'paymentsStopped', version: 1, value: 'true' };
  expect(copies).toEqual([
    { database: 'auth', table: 'settings', values },
    { database: 'payments', table: 'settings', values },
  ]);
});

it.each(['constructor', 'toString', '__proto__'])('no key is taken for what every object has: %s', (id) => {
  expect(kindsOf(map({ id }))).toEqual(['config_unknown refused']);
});

it('the value of an entry is kept only when the owner has named its key, with its exact numbers', () => {
  const row = { id: 'fees', value: '{"rate": 10.10, "limit": 12345678901234567890, "api_key": "abc"}' };
  const after = (context: ReturnType<typeof given>) => rowsIn(map(row, context), 'entries')[0]?.['after'];
  expect(after(given({ config: 'audit' }))).toBe('{"description":"No payments while true"}');
  expect(after(given({ config: 'audit', configValues: ['fees'] }))).toBe(
    '{"fees":{"rate":10.10,"limit":12345678901234567890,"api_key":"[removed]"},' +
      '"description":"No payments while true"}',
  );
});

it('a row can be kept as an entry of the audit log, without its value', () => {
  const mapped = map({ id: 'smtp_password', value: '"abc"' }, given({ config: 'audit' }));
  expect(rowsIn(mapped, 'entries')).toEqual([
    expect.objectContaining({
      ...{ action: 'poc2.config', target_type: 'setting', target_id: 'smtp_password' },
      after: '{"description":"No payments while true"}',
    }),
  ]);
  expect(rowsIn(mapped, 'unsealed')).toHaveLength(1);
});
