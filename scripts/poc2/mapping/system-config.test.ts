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
  expect(rowsIn(mapped, 'settings')).toEqual([{ key: 'paymentsStopped', value: 'true', version: 1 }]);
  expect(rowsIn(mapped, 'setting_changes')).toEqual([
    expect.objectContaining({ key: 'paymentsStopped', version: 1, before: 'false', after: 'true' }),
  ]);
  expect(mapped.irregularities).toEqual([]);
});

it('a setting whose changer is unknown has no change', () => {
  const mapped = map(nobody('changer'), stopped);
  expect(rowsIn(mapped, 'settings')).toHaveLength(1);
  expect(rowsIn(mapped, 'setting_changes')).toEqual([]);
  expect(kindsOf(mapped)).toEqual(['changer_unknown mapped']);
});

it.each(['"yes"', '1', 'null'])('a value that the setting does not take is refused: %s', (value) => {
  expect(kindsOf(map({ value }, stopped))).toEqual(['setting_value refused']);
  expect(map({ value }, stopped).rows).toEqual([]);
});

it('a row can be kept as an entry of the audit log, without secrets', () => {
  const mapped = map({ id: 'smtp_password', value: '"abc"' }, given({ config: 'audit' }));
  expect(rowsIn(mapped, 'entries')).toEqual([
    expect.objectContaining({
      ...{ action: 'poc2.config', target_type: 'setting', target_id: 'smtp_password' },
      after: '{"smtp_password":"[removed]","description":"No payments while true"}',
    }),
  ]);
  expect(rowsIn(mapped, 'unsealed')).toHaveLength(1);
});
