import { io } from 'socket.io-client';
import { connect } from 'amqplib';
import { Client } from 'pg';
import { deadQueueOf, queueOf } from '../../broker/events/topology.ts';
import { newId } from '../../broker/process/ids.ts';
import type { Stack } from '../../scripts/stack/client.ts';
import { SOCKET_PATH } from '../../shared/contracts/realtime.ts';
import { register, signInAgain, type Person } from '../system/accounts.ts';
import { clientOf } from '../system/client.ts';
import { accessCookie } from '../system/cookies.ts';
import { inParallel, until } from '../system/timing.ts';

const LIMIT_MS = 30_000;

/** A payer, a payee with an open socket, and how to end them. */
export type People = { payer: Person; payee: Person; close(): void };

const openSocket = (stack: Stack, person: Person | null) =>
  io(stack.gateways[0] ?? '', {
    path: SOCKET_PATH,
    transports: ['websocket'],
    extraHeaders: {
      origin: stack.edge,
      ...(person && { cookie: accessCookie(stack.edge, person.accessToken) }),
    },
    reconnection: false,
    forceNew: true,
  });

/** Registers two people, opens a socket of one, and has another socket refused. */
export const openPeople = async (stack: Stack, label: string): Promise<People> => {
  const [payer, payee] = await Promise.all([
    register(stack.gateways, `${label}-payer@example.com`, 'CUSTOMER'),
    register(stack.gateways, `${label}-payee@example.com`, 'VENDOR'),
  ]);
  const sockets = [openSocket(stack, payee), openSocket(stack, null)];
  const [open, refused] = sockets;
  await Promise.all([
    new Promise((resolve) => open?.once('welcome', resolve)),
    new Promise((resolve) => refused?.once('connect_error', resolve)),
  ]);
  return { payer, payee, close: () => sockets.forEach((socket) => socket.disconnect()) };
};

const CARDS = ['pm_card_visa', 'pm_card_visa', 'pm_card_chargeDeclinedInsufficientFunds'];

const payAll = async (stack: Stack, { payer, payee }: People, label: string): Promise<void> => {
  const { status, text } = await (async () => {
    // Payments learns of the payee by an event.
    let answer = await payer.api.get('/api/payments');
    await until('the payee is known', LIMIT_MS, async () => {
      answer = await payer.api.get(`/api/payees?q=${encodeURIComponent(payee.email)}`);
      return answer.text.includes(payee.id);
    });
    return answer;
  })();
  if (status !== 200) throw new Error(text);
  const ids: string[] = [];
  await inParallel(8, 4, async (index) => {
    const body = {
      payee: { email: payee.email },
      amountMinor: 1_000 + index,
      currency: index % 2 === 0 ? 'EUR' : 'JPY',
      paymentMethod: CARDS[index % CARDS.length],
    };
    const made = await payer.api.post(
      '/api/payments',
      body,
      { 'idempotency-key': `${label}-${index}` },
      index,
    );
    if (made.status !== 201) throw new Error(made.text);
    ids.push(String(made.body['id']));
  });
  const slow = {
    payee: { email: payee.email },
    amountMinor: 999,
    currency: 'EUR',
    paymentMethod: 'pm_card_pending',
  };
  await payer.api.post('/api/payments', slow, { 'idempotency-key': `${label}-slow` });
  for (const id of ids)
    await until('the payment has ended', LIMIT_MS, async () => {
      const { body } = await payer.api.get(`/api/payments/${id}`);
      return body['status'] === 'completed' || body['status'] === 'failed';
    });
  const search = `/api/payees?q=${encodeURIComponent(payee.email)}`;
  for (let tries = 0; tries < 3; tries++) await payer.api.get(search);
  await clientOf(stack.gateways).get('/');
};

/** Signs in well and wrongly until the account is locked, and revokes a session. */
const signInAndOut = async (stack: Stack, { payer, payee }: People): Promise<void> => {
  const other = await signInAgain(stack.gateways, payer);
  const socket = openSocket(stack, other);
  await new Promise((resolve) => socket.once('welcome', resolve));
  const closed = new Promise((resolve) => socket.once('disconnect', resolve));
  await other.api.post('/api/auth/logout');
  await closed;
  const guess = { email: payee.email, password: 'not the password' };
  for (let tries = 0; tries < 12; tries++) await clientOf(stack.gateways).post('/api/auth/login', guess);
};

/** Puts a message into admin's queue that nobody can read. */
const poison = async (stack: Stack): Promise<void> => {
  const connection = await connect(stack.env['RABBITMQ_URL'] ?? '');
  const channel = await connection.createConfirmChannel();
  const options = { type: 'auth.user-changed', messageId: newId('event', Date.now()), userId: 'operator' };
  channel.publish('', queueOf('admin'), Buffer.from('not JSON'), options);
  await channel.waitForConfirms();
  await until('the message is dead', LIMIT_MS, async () => {
    const { messageCount } = await channel.checkQueue(deadQueueOf('admin'));
    return messageCount > 0;
  });
  await connection.close();
};

/** What a browser reports of a page. */
const measurePages = async (stack: Stack): Promise<void> => {
  const page = { of: '/payments', value: 100 };
  const samples = [
    ...(['lcp', 'view', 'error'] as const).map((kind) => ({ kind, ...page })),
    { kind: 'cls', of: '/payments', value: 0.05 },
    { kind: 'call', of: 'payments.list', detail: 'ok', value: 40 },
    { kind: 'remote', of: 'payments', detail: '0123456789ab', value: 300 },
    { kind: 'file', of: 'payments', detail: 'cached', value: 1 },
    { kind: 'connect', of: 'all', value: 90 },
  ];
  const headers = { origin: stack.edge };
  const { status, text } = await clientOf(stack.gateways).post('/api/analytics', { samples }, headers);
  if (status !== 204) throw new Error(text);
};

/** What people do, and what goes wrong without them. */
export const drive = async (stack: Stack, people: People, label: string): Promise<void> => {
  await payAll(stack, people, label);
  await signInAndOut(stack, people);
  await poison(stack);
  await measurePages(stack);
  await people.payer.api.get('/api/no-such-path');
};

const asService = async <T>(
  stack: Stack,
  service: string,
  use: (client: Client) => Promise<T>,
): Promise<T> => {
  const client = new Client({ connectionString: stack.env[`${service.toUpperCase()}_DATABASE_URL`] });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
};

/** Holds a lock under which statements of payments wait, until `isSeen`. */
export const blockPayments = (
  stack: Stack,
  { payer }: People,
  isSeen: () => Promise<boolean>,
): Promise<void> =>
  asService(stack, 'payments', async (client) => {
    await client.query('begin');
    await client.query('lock table payments in access exclusive mode');
    const reads = Array.from({ length: 12 }, () => payer.api.get('/api/payments'));
    try {
      await until('statements wait', LIMIT_MS, isSeen);
    } finally {
      await client.query('rollback');
      await Promise.all(reads);
    }
  });

/** Stores a message of which no process was notified, until `isSeen`: the next poll sends it. */
export const leaveMessage = async (
  stack: Stack,
  { payee }: People,
  isSeen: () => Promise<boolean>,
): Promise<void> => {
  const store = () =>
    asService(stack, 'realtime', (client) =>
      client.query(
        `with stream as (
           update streams set last_seq = last_seq + 1 where user_id = $1 returning last_seq
         )
         insert into messages (user_id, seq, name, payload, at)
         select $1, last_seq, 'realtime.notifications-changed', '{"unread":0}', now() - interval '5 seconds'
         from stream`,
        [payee.id],
      ),
    );
  await until('a message waits', LIMIT_MS, async () => {
    await store();
    return isSeen();
  });
};

/** Payments' relay can take no event from the outbox, until `isSeen`. */
export const blockRelay = (
  stack: Stack,
  { payer, payee }: People,
  isSeen: () => Promise<boolean>,
): Promise<void> =>
  asService(stack, 'payments', async (client) => {
    await client.query('revoke delete on outbox from current_user');
    try {
      const [paymentMethod] = CARDS;
      const body = { payee: { email: payee.email }, amountMinor: 1_234, currency: 'EUR', paymentMethod };
      await payer.api.post('/api/payments', body, { 'idempotency-key': 'blocked' });
      await until('an event waits', LIMIT_MS, isSeen);
    } finally {
      await client.query('grant delete on outbox to current_user');
    }
  });
