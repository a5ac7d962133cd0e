/** What documents say of the properties of reports, and of the records of a payment. */
export const REPORT_PROPERTIES = {
  'payments.list.person': {
    text: 'For administrators: only payments that this user sent or received.',
  },
  postings: {
    text: 'Double entry: the postings of each movement sum to zero.',
  },
  movement: {
    text: 'What moved the money.',
    example: 'completed',
  },
  account: {
    text: 'The account of the ledger.',
    example: 'payee_available',
  },
  ownerId: {
    text: 'Whose account it is; null for one of the platform.',
    example: 'usr_019ac2f4b7a07c3e9d415e0a2b6c0a02',
  },
  'Posting.at': {
    text: 'When, in UTC.',
    example: '2026-11-23T09:30:02.000Z',
  },
  'Posting.amountMinor': {
    text: 'In minor units; a debit is positive, a credit negative.',
    example: -1250,
  },
  operations: {
    text: 'What was asked of the card processor.',
  },
  'Operation.kind': {
    text: 'To charge, or to give back.',
    example: 'charge',
  },
  step: {
    text: 'What is asked of the processor next.',
    example: 'done',
  },
  attempts: {
    text: 'How often the present step was tried.',
    example: 1,
  },
  nextAttemptAt: {
    text: 'When the next attempt is due; null when there is none.',
    example: null,
  },
  intentId: {
    text: 'The processor’s PaymentIntent.',
    example: 'pi_3Qx…',
  },
  'Operation.keys': {
    text: 'How many idempotency keys were used.',
    example: 1,
  },
  stuck: {
    text: 'Why money could not be given back yet, as a code; null otherwise.',
    example: null,
  },
  webhooks: {
    text: 'Webhooks of the processor about this payment.',
  },
  'Webhook.id': {
    text: 'The id that the processor gave it.',
    example: 'evt_1Qx…',
  },
  'Webhook.type': {
    text: 'What it announces.',
    example: 'payment_intent.succeeded',
  },
  receivedAt: {
    text: 'When it was received, in UTC.',
    example: '2026-11-23T09:30:02.000Z',
  },
  'payments.report.from': {
    text: 'The first day.',
    example: '2026-11-01',
  },
  'payments.report.to': {
    text: 'The day after the last.',
    example: '2026-12-01',
  },
  'payments.exportReport.from': {
    text: 'The first day.',
    example: '2026-11-01',
  },
  'payments.exportReport.to': {
    text: 'The day after the last.',
    example: '2026-12-01',
  },
  'payments.report.timeZone': {
    text: 'The time zone whose days are meant (IANA).',
    example: 'Europe/Berlin',
  },
  'payments.exportReport.timeZone': {
    text: 'The time zone whose days are meant (IANA).',
    example: 'Europe/Berlin',
  },
  group: {
    text: 'How long the periods are. Weeks begin on Monday.',
    example: 'day',
  },
  'payments.report.payee': {
    text: 'For administrators: only payments to this vendor.',
  },
  'payments.exportReport.payee': {
    text: 'For administrators: only payments to this vendor.',
  },
  fromAt: {
    text: 'The beginning of the first day.',
    example: '2026-10-31T23:00:00.000Z',
  },
  toAt: {
    text: 'The end of the last day.',
    example: '2026-11-30T23:00:00.000Z',
  },
  currencies: {
    text: 'The sums of each currency. Two currencies are never added.',
  },
  statuses: {
    text: 'Payments by their status now; a status without payments is left out.',
    example: {
      completed: {
        count: 12,
        amountMinor: 48250,
      },
    },
  },
  count: {
    text: 'How many payments.',
    example: 12,
  },
  'PaymentSum.amountMinor': {
    text: 'Their sum in minor units of the currency.',
    example: 48250,
  },
  successRate: {
    text: 'Completed ones among those that completed or failed, from 0 to 1.',
    example: 0.96,
  },
  averageMinor: {
    text: 'The mean amount of those that completed, rounded, in minor units.',
    example: 4021,
  },
  periods: {
    text: 'All periods in order, also empty ones.',
  },
  day: {
    text: 'The first day of the period.',
    example: '2026-11-01',
  },
  sums: {
    text: 'The sums of each currency that has payments.',
  },
  'FailureSum.code': {
    text: 'Why, as a code; to vendors always `payment_failed`.',
    example: 'card_declined',
  },
  'FailureSum.amountMinor': {
    text: 'Their sum in minor units of the currency.',
    example: 48250,
  },
  'PaymentReport.failures': {
    text: 'Failed payments by reason, the most frequent first.',
  },
  lastQuarterHour: { text: 'Users of the last 15 minutes; accurate to ten minutes.', example: 12 },
  lastDay: { text: 'Users of the last 24 hours.', example: 240 },
};
