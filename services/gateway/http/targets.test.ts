import { startGateway, type TestGateway } from '../testing/start-gateway.ts';
import { rawResponse } from '../../../broker/testing/raw-connection.ts';

let gateway: TestGateway;
let bearer: string;
beforeAll(async () => {
  gateway = await startGateway();
  bearer = `Authorization: Bearer ${await gateway.sign()}`;
});
afterAll(() => gateway.services.stop());

const statusOf = (response: string): number => Number(/^HTTP\/1\.1 (\d+)/.exec(response)?.[1]);

test.each([
  ['GET http://localhost/health/live', 200],
  ['GET HTTP://elsewhere.example:81/health/live?a=b', 200],
  ['GET https://localhost/api/things/1?q=x', 200],
  ['GET http://localhost/api/nothing', 404],
  ['DELETE http://localhost/api/things/1', 405],
])('an absolute target is served by its path: %s is %i', async (line, status) => {
  expect(statusOf(await rawResponse(gateway.port, line, bearer))).toBe(status);
});

test('the params of an absolute target are those of its path and query', async () => {
  const response = await rawResponse(gateway.port, 'GET http://a.example/api/things/a%20b?q=x', bearer);
  expect(response).toContain('"id":"a b","q":"x"');
});

test('an absolute target without a path is the first page', async () => {
  const [root, other] = [
    await rawResponse(gateway.port, 'GET http://localhost'),
    await rawResponse(gateway.port, 'GET /'),
  ];
  expect(statusOf(root)).toBe(statusOf(other));
  expect(statusOf(root)).not.toBe(404);
});

test('OPTIONS * returns the methods of the server', async () => {
  const response = await rawResponse(gateway.port, 'OPTIONS *');
  expect(statusOf(response)).toBe(204);
  expect(response).toMatch(/\r\nAllow: GET, HEAD, POST/);
});

test.each([
  ['GET *', 400, 'bad_request'],
  ['GET ftp://localhost/health/live', 400, 'bad_request'],
  ['OPTIONS ftp://localhost/', 400, 'bad_request'],
  ['CONNECT localhost:443', 405, 'method_not_allowed'],
])('any other target has a response too: %s is %i', async (line, status, code) => {
  const response = await rawResponse(gateway.port, line);
  expect(statusOf(response)).toBe(status);
  expect(response).toContain('Content-Type: application/problem+json');
  expect(response).toContain(`"code":"${code}"`);
});
