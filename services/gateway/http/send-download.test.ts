import { createServer, get, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { text } from 'node:stream/consumers';
import { eventually } from '../../../broker/testing/eventually.ts';
import { sendDownload, type NextPart } from './send-download.ts';

const PARTS = 100;
const MB = 'x'.repeat(1024 * 1024);
let server: Server;
afterEach(() => new Promise((resolve) => server.close(resolve)));

const ask = async (next: NextPart): Promise<IncomingMessage> => {
  server = createServer((_request, response) => {
    sendDownload(response, next, () => void response.writeHead(200)).catch(() => response.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return new Promise((resolve, reject) => {
    get({ host: '127.0.0.1', port, agent: false }, resolve).once('error', reject);
  });
};

const partsOf = (count: number, body: string) => {
  const state = { asked: 0 };
  const next: NextPart = async (cursor = '0') => {
    state.asked += 1;
    const following = Number(cursor) + 1;
    return { text: `${cursor};${body}`, nextCursor: following === count ? null : String(following) };
  };
  return { state, next };
};

it('sends all parts in order as one body', async () => {
  expect(await text(await ask(partsOf(4, '').next))).toBe('0;1;2;3;');
});

it('asks for no more parts than the client reads, and for none when it is gone', async () => {
  const { state, next } = partsOf(PARTS, MB);
  const response = await ask(next);
  response.pause();
  let before = -1;
  while (state.asked !== before) {
    before = state.asked;
    await sleep(200);
  }
  expect(before).toBeLessThan(PARTS / 2);
  response.destroy();
  await eventually(
    () => new Promise<boolean>((resolve) => server.getConnections((_e, n) => resolve(n === 0))),
  );
  expect(state.asked).toBeLessThan(PARTS);
});

it('cuts the file off where a part fails, so that it does not look complete', async () => {
  const { next } = partsOf(PARTS, '');
  const failing: NextPart = async (cursor) => {
    if (cursor === '3') throw new Error('the database is gone');
    return next(cursor);
  };
  // Small parts may not have left before the end: then not even the head arrives.
  await expect(ask(failing).then(text)).rejects.toThrow(/aborted|hang up/);
});
