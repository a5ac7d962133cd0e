type Text = { text: string; example?: unknown };

const of = (text: string, example?: unknown): Text => (example === undefined ? { text } : { text, example });

const VALUE = 'A setting’s value: `true` or `false`, or largest amounts in minor units by currency.';

/** Of the configuration, by name as in `properties.ts`. */
export const SETTINGS_PROPERTIES: Readonly<Record<string, Text>> = {
  paymentsStopped: of('Whether new payments are refused; those on their way go on.'),
  signUpsStopped: of('Whether nobody can open an account without an invitation.'),
  largestAmounts: of('The largest amount of one payment in minor units, by currency.'),
  'PublicSettings.paymentsStopped': of('Whether new payments are refused.', false),
  'PublicSettings.signUpsStopped': of('Whether nobody can open an account.', false),
  'PublicSettings.largestAmounts': of(
    'The largest amount of one payment in minor units, by currency; that of the currency itself elsewhere.',
    { EUR: 500_000 },
  ),
  key: of('Which setting.', 'largestAmounts'),
  value: of(VALUE, { EUR: 500_000 }),
  'StopSetting.value': of('Whether it is stopped.', false),
  'StopSetting.version': of('Grows by one with each change; 0 before the first one.', 2),
  'AmountsSetting.version': of('Grows by one with each change; 0 before the first one.', 2),
  'SettingChange.version': of('The version that the change made.', 2),
  'SettingChange.before': of(VALUE, {}),
  'SettingChange.after': of(VALUE, { EUR: 500_000 }),
  'SettingChange.by': of('The administrator who changed it.'),
  'SettingChange.approvalId': of('The request that was approved; null for a change that did not wait.'),
  'ChangedSetting.version': of('The version that the change made.', 3),
  'admin.changeSetting.version': of('The version that you read, which the change is based on.', 2),
  changedBy: of('Who changed it last; null before the first change.'),
  changedAt: of(
    'When it was changed last, in UTC; null before the first change.',
    '2026-11-23T09:30:00.000Z',
  ),
  'SettingChanger.name': of('The name of now.', 'Ada Admin'),
  'AskedSetting.before': of(VALUE, {}),
  'AskedSetting.version': of('The version that the change is based on; another one voids it.', 2),
};
