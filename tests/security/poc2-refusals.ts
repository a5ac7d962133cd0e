import { PASSWORD } from './world.ts';

/** A payment by the id that it had in POC-2. */
export const OLD_PAYMENT = '6f9619ff-8b86-4d01-b42d-00cf4fc964ff';
/** The id of nothing. */
export const NOBODY = '7f9619ff-8b86-4d01-b42d-00cf4fc964ff';

type Refused = [
  method: string,
  path: string,
  body: unknown,
  status: number,
  code: string,
  field: string | null,
];

/** What a client of POC-2 may send and is refused; the body of a payment is what differs from a good one. */
export const REFUSED: readonly Refused[] = [
  ['POST', '/payments', { amount: '100.129' }, 400, 'VALIDATION_ERROR', 'amount'],
  ['POST', '/payments', { amount: '1e3' }, 400, 'VALIDATION_ERROR', 'amount'],
  ['POST', '/payments', { amount: -5 }, 400, 'VALIDATION_ERROR', 'amount'],
  ['POST', '/payments', { amount: 0 }, 400, 'VALIDATION_ERROR', 'amount'],
  ['POST', '/payments', { amount: { a: 1 } }, 400, 'VALIDATION_ERROR', 'amount'],
  ['POST', '/payments', { amount: '1.5', currency: 'JPY' }, 400, 'VALIDATION_ERROR', 'amount'],
  ['POST', '/payments', { currency: undefined }, 400, 'VALIDATION_ERROR', 'currency'],
  ['POST', '/payments', { currency: 'XXQ' }, 400, 'VALIDATION_ERROR', 'currency'],
  ['POST', '/payments', { type: 'scheduled' }, 400, 'VALIDATION_ERROR', 'type'],
  ['POST', '/payments', { type: 'recurring' }, 400, 'VALIDATION_ERROR', 'type'],
  ['POST', '/payments', { recipientEmail: undefined }, 400, 'VALIDATION_ERROR', 'recipientId'],
  ['POST', '/payments', { recipientId: NOBODY }, 400, 'VALIDATION_ERROR', 'recipientId'],
  ['POST', '/payments', { recipientEmail: 'nobody@example.com' }, 422, 'PAYEE_UNKNOWN', 'recipientEmail'],
  ['POST', '/payments', { recipientEmail: 5 }, 400, 'VALIDATION_ERROR', 'recipientEmail'],
  ['POST', '/payments', { description: 5 }, 400, 'VALIDATION_ERROR', 'description'],
  ['POST', '/payments', { amount: '12.34', description: 5 }, 400, 'VALIDATION_ERROR', 'description'],
  ['POST', '/payments', { metadata: [1] }, 400, 'VALIDATION_ERROR', 'metadata'],
  ['GET', '/payments?type=recurring', undefined, 400, 'VALIDATION_ERROR', 'type'],
  ['GET', '/payments?sort=secret', undefined, 400, 'VALIDATION_ERROR', 'sort'],
  ['GET', '/payments?order=up', undefined, 400, 'VALIDATION_ERROR', 'order'],
  ['GET', '/payments?page=0', undefined, 400, 'VALIDATION_ERROR', 'page'],
  ['GET', '/payments?page=1001&limit=10', undefined, 400, 'VALIDATION_ERROR', 'page'],
  ['GET', '/payments?limit=101', undefined, 400, 'VALIDATION_ERROR', 'limit'],
  ['GET', '/payments?startDate=yesterday', undefined, 400, 'VALIDATION_ERROR', 'startDate'],
  ['GET', '/payments?endDate=tomorrow', undefined, 400, 'VALIDATION_ERROR', 'endDate'],
  ['GET', '/payments?status=paid', undefined, 400, 'VALIDATION_ERROR', 'status'],
  ['GET', `/payments/${NOBODY}`, undefined, 404, 'PAYMENT_NOT_FOUND', null],
  ['GET', '/payments/1', undefined, 400, 'VALIDATION_ERROR', 'id'],
  ['PATCH', `/payments/${OLD_PAYMENT}/status`, { status: 'completed' }, 400, 'VALIDATION_ERROR', 'status'],
  ['PUT', `/payments/${OLD_PAYMENT}`, { amount: '1.00' }, 400, 'VALIDATION_ERROR', 'status'],
  ['PUT', '/profile', { avatarUrl: 'https://example.com/a.png' }, 400, 'VALIDATION_ERROR', 'avatarUrl'],
  ['PUT', '/profile', { address: 'a\nb\nc' }, 400, 'VALIDATION_ERROR', 'address'],
  ['PUT', '/profile', { phoneNumber: '12' }, 400, 'VALIDATION_ERROR', 'phone'],
  [
    'PUT',
    '/profile/preferences',
    { notifications: { email: 'yes' } },
    400,
    'VALIDATION_ERROR',
    'notifications',
  ],
  ['PUT', '/profile/preferences', { language: 'tlh' }, 400, 'VALIDATION_ERROR', 'language'],
  ['PUT', '/profile/preferences', { timezone: 'Mars/Base' }, 400, 'VALIDATION_ERROR', 'timezone'],
  ['POST', '/auth/password', { currentPassword: 'x', newPassword: PASSWORD }, 422, 'INVALID_PASSWORD', null],
  ['POST', '/auth/register', { email: 'x', password: 'short', name: '' }, 400, 'VALIDATION_ERROR', 'email'],
  ['POST', '/auth/login', { email: 'nobody@example.com', password: 'x' }, 401, 'INVALID_CREDENTIALS', null],
  ['POST', '/auth/login', { email: 5 }, 400, 'VALIDATION_ERROR', 'email'],
];
