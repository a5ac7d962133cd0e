import { withoutSecrets } from './without-secrets.ts';

it.each([
  'Basic Materials GmbH',
  'Basic Telecommunications Holding',
  'bearer securities',
  'Bearer securities of 2026',
  'Bearer x',
  'basic income 1234567890123456',
])('%s is no secret', (text) => {
  expect(withoutSecrets(text)).toBe(text);
});

it.each([
  'Authorization: Basic Y3VzdG9tZXI6cGFzc3dvcmQ=',
  'Bearer 0a1b2c3d4e5f6a7b',
  'Bearer abcdefghijklmnop/rst',
  'https://customer:abc@example.com',
])('%s is removed', (text) => {
  expect(withoutSecrets({ note: [text] })).toEqual({ note: ['[removed]'] });
});
