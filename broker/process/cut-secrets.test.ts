import { cutSecrets } from './cut-secrets.ts';

describe('what a log line shows', () => {
  it('has no secret at any depth, in objects and in lists', () => {
    const fields = {
      password: 'p',
      user: { name: 'Ann', refreshToken: 't', devices: [{ label: 'Phone', secret: ['s'] }] },
      headers: { cookie: { a: 1 } },
    };
    expect(cutSecrets(fields)).toEqual({
      password: '[cut]',
      user: { name: 'Ann', refreshToken: '[cut]', devices: [{ label: 'Phone', secret: '[cut]' }] },
      headers: { cookie: '[cut]' },
    });
    expect(fields.user.devices[0]?.secret).toEqual(['s']);
  });

  it('is the same object where there is nothing to cut', () => {
    const error = Object.assign(new Error('broken'), { secret: 's' });
    const fields = { route: 'GET /', at: new Date(0), err: error, none: null, list: [1, { two: 2 }] };
    expect(cutSecrets(fields)).toBe(fields);
  });

  it('ends at a circle', () => {
    const circle: Record<string, unknown> = { name: 'round' };
    circle['self'] = circle;
    expect(JSON.stringify(cutSecrets(circle))).toContain('"[cut]"');
  });
});
