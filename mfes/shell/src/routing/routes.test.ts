import { isPage, nextOf, remoteOf, viewOf } from './routes.ts';

describe('what is shown at a path', () => {
  it.each([
    ['/', 'CUSTOMER', { kind: 'redirect', to: '/payments' }],
    ['/', 'VENDOR', { kind: 'redirect', to: '/payments' }],
    ['/', 'ADMIN', { kind: 'redirect', to: '/admin' }],
    ['/sign-in', 'ADMIN', { kind: 'redirect', to: '/admin' }],
    ['/sign-in?next=%2Fpayments', 'ADMIN', { kind: 'redirect', to: '/payments' }],
    ['/sign-in?next=%2Fadmin', 'CUSTOMER', { kind: 'redirect', to: '/payments' }],
    ['/admin', 'ADMIN', { kind: 'remote', remote: 'admin', access: 'admin' }],
    ['/admin', 'CUSTOMER', { kind: 'missing' }],
    ['/admin', null, { kind: 'redirect', to: '/sign-in?next=%2Fadmin' }],
    ['/', null, { kind: 'redirect', to: '/sign-in' }],
    ['/payments', 'CUSTOMER', { kind: 'remote', remote: 'payments', access: 'private' }],
    ['/payments?status=failed', 'CUSTOMER', { kind: 'remote', remote: 'payments', access: 'private' }],
    ['/payments/pay_x', 'CUSTOMER', { kind: 'remote', remote: 'payments', access: 'private' }],
    ['/payments', null, { kind: 'redirect', to: '/sign-in' }],
    [
      '/payments/pay_x?a=b',
      null,
      { kind: 'redirect', to: `/sign-in?next=${encodeURIComponent('/payments/pay_x?a=b')}` },
    ],
    ['/sign-up', null, { kind: 'remote', remote: 'auth', access: 'signedOut' }],
    ['/set-password', null, { kind: 'remote', remote: 'auth', access: 'anyone' }],
    ['/set-password', 'ADMIN', { kind: 'remote', remote: 'auth', access: 'anyone' }],
    ['/sign-in?next=%2Fset-password', 'CUSTOMER', { kind: 'redirect', to: '/payments' }],
    ['/sign-in?next=%2Fsettings%2Fpassword', 'CUSTOMER', { kind: 'redirect', to: '/settings/password' }],
    ['/settings/password', 'CUSTOMER', { kind: 'remote', remote: 'auth', access: 'private' }],
    ['/settings/devices', 'CUSTOMER', { kind: 'remote', remote: 'profile', access: 'private' }],
    ['/settings/preferences', 'CUSTOMER', { kind: 'remote', remote: 'profile', access: 'private' }],
    ['/settings/devices', null, { kind: 'redirect', to: '/sign-in?next=%2Fsettings%2Fdevices' }],
    ['/settings', 'CUSTOMER', { kind: 'remote', remote: 'profile', access: 'private' }],
    ['/settings/nowhere', 'CUSTOMER', { kind: 'missing' }],
    ['/payments/a/b', 'CUSTOMER', { kind: 'missing' }],
    ['/nowhere', null, { kind: 'missing' }],
  ] as const)('%s, to a user of the role %s', (path, role, view) => {
    expect(viewOf(path, role)).toEqual(view);
  });

  it('names the remote of a path with and without a session', () => {
    expect(remoteOf('/payments/new')).toBe('payments');
    expect(remoteOf('/nowhere')).toBeUndefined();
  });
});

describe('where one goes after signing in', () => {
  it.each([
    'https://evil.example/payments',
    '//evil.example/payments',
    '/\\evil.example/payments',
    'javascript:alert(1)',
    '/sign-in',
    '/nowhere',
    '/\t/evil.example',
    '',
  ])('never to %j', (next) => {
    const path = `/sign-in?next=${encodeURIComponent(next)}`;
    expect([nextOf(path, 'CUSTOMER'), nextOf(path, 'ADMIN')]).toEqual(['/payments', '/admin']);
  });

  it('back to the private page with its query', () => {
    const path = `/sign-in?next=${encodeURIComponent('/payments?q=tea')}`;
    expect(nextOf(path, 'ADMIN')).toBe('/payments?q=tea');
  });
});

it('leaves links to the API, to files and to other folders to the browser', () => {
  expect(['/api/docs', '/health/live', '/mfes/auth/x', '/start.js'].filter(isPage)).toEqual([]);
  expect(['/', '/payments', '/apis'].every(isPage)).toBe(true);
});
