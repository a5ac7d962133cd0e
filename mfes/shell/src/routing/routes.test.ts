import { isPage, nextOf, remoteOf, viewOf } from './routes.ts';

describe('what is shown at a path', () => {
  it.each([
    ['/', true, { kind: 'redirect', to: '/payments' }],
    ['/', false, { kind: 'redirect', to: '/sign-in' }],
    ['/payments', true, { kind: 'remote', remote: 'payments', access: 'private' }],
    ['/payments?status=failed', true, { kind: 'remote', remote: 'payments', access: 'private' }],
    ['/payments/pay_x', true, { kind: 'remote', remote: 'payments', access: 'private' }],
    ['/payments', false, { kind: 'redirect', to: '/sign-in' }],
    [
      '/payments/pay_x?a=b',
      false,
      { kind: 'redirect', to: `/sign-in?next=${encodeURIComponent('/payments/pay_x?a=b')}` },
    ],
    ['/sign-up', false, { kind: 'remote', remote: 'auth', access: 'signedOut' }],
    ['/sign-in?next=%2Fsettings%2Fpassword', true, { kind: 'redirect', to: '/settings/password' }],
    ['/settings/password', true, { kind: 'remote', remote: 'auth', access: 'private' }],
    ['/settings/devices', true, { kind: 'remote', remote: 'profile', access: 'private' }],
    ['/settings/preferences', true, { kind: 'remote', remote: 'profile', access: 'private' }],
    ['/settings/devices', false, { kind: 'redirect', to: '/sign-in?next=%2Fsettings%2Fdevices' }],
    ['/settings', true, { kind: 'missing' }],
    ['/payments/a/b', true, { kind: 'missing' }],
    ['/nowhere', false, { kind: 'missing' }],
  ])('%s, signed in: %s', (path, signedIn, view) => {
    expect(viewOf(path, signedIn)).toEqual(view);
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
    expect(nextOf(`/sign-in?next=${encodeURIComponent(next)}`)).toBe('/payments');
  });

  it('back to the private page with its query', () => {
    expect(nextOf(`/sign-in?next=${encodeURIComponent('/payments?q=tea')}`)).toBe('/payments?q=tea');
  });
});

it('leaves links to the API, to files and to other folders to the browser', () => {
  expect(['/api/docs', '/health/live', '/mfes/auth/x', '/theme.js'].filter(isPage)).toEqual([]);
  expect(['/', '/payments', '/apis'].every(isPage)).toBe(true);
});
