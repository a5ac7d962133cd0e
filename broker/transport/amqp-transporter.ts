import { randomUUID } from 'node:crypto';
import type { ConsumeMessage, Message, Options } from 'amqplib';
import { Errors, Transporters, type Context } from 'moleculer';
import type { AmqpChannel, OpenChannel } from '../amqp/channel.ts';
import type { Amqp } from '../amqp/connection.ts';
import { UnansweredError } from '../calls/errors.ts';
import type { Clock } from '../process/clock.ts';
import type { Logger } from '../process/logger.ts';
import { serviceOf, type InFlight } from './in-flight.ts';
import { measureQueue, sentNow } from './queue-wait.ts';
import { isAllowed, TO_ALL, TO_ONE, type Payload } from './sender.ts';
import { connectionSessions } from './connection-sessions.ts';

/** How often unanswered requests are checked, and the age from which their process is probed. */
const WATCH_MS = 100;
/** Lifetime of announcements and answers. */
const NOTICE_LIFE_MS = '10000';
const ANSWER_LIFE_MS = '30000';
const PROBE = 'probe';
const NOTHING = Buffer.alloc(0);

type Packet = { type: string; target?: string | null; payload: Payload & { meta?: { replayed?: boolean } } };
type Handle = (kind: string, packet: Packet) => Promise<unknown>;
type Carry = (context: Context) => Promise<unknown>;
type Waiter = { resolve: () => void; reject: (error: Error) => void };

export type TransporterSettings = {
  amqp: Amqp;
  clock: Clock;
  log: Logger;
  prefetch: number;
  callsInFlightMax: number;
  flights: InFlight;
};

/**
 * Moleculer's AMQP transporter, with delivery guarantees. Queues are exclusive to this process's connection,
 * so they end with it; requests are `mandatory`, so a request to a dead process returns at once; a
 * redelivered request is not executed again.
 */
export class AmqpTransporter extends Transporters.AMQP {
  readonly #settings: TransporterSettings;
  #channel: OpenChannel | null = null;
  #keeper: AmqpChannel | null = null;
  #watch: NodeJS.Timeout | null = null;
  /** Set while the socket's write buffer is full. */
  #full = false;
  #waiters: Waiter[] = [];
  /** The connection of `#channel`. */
  #connection: unknown = null;
  readonly #sessions = connectionSessions();
  /** Requests that this process is executing. */
  readonly #running = new Set<string>();

  constructor(settings: TransporterSettings) {
    super({});
    this.#settings = settings;
    this.hasBuiltInBalancer = false;
  }

  /** Resolves once everything is declared and consumed; lost channels are reopened from then on. */
  override async connect(): Promise<void> {
    const setUp = (channel: OpenChannel) => this.#setUp(channel);
    this.#keeper = await this.#settings.amqp.channel({ name: 'calls', setUp });
    this.#watch = setInterval(() => this.#checkRequests(), WATCH_MS);
    this.#watch.unref();
    await this.onConnected(false);
  }

  /**
   * Does what transit does after its first connection, without its half second of waiting for other nodes; a
   * call without a reachable process waits by itself (broker/calls/call.ts).
   */
  override async onConnected(again: boolean): Promise<void> {
    const transit = this.transit as typeof this.transit & { __connectResolve?: (() => void) | null };
    transit.connected = true;
    transit.isReady = true;
    await transit.discoverer.discoverAllNodes();
    this.broker.broadcastLocal('$transporter.connected', { wasReconnect: again });
    transit.__connectResolve?.();
    transit.__connectResolve = null;
  }

  override async disconnect(): Promise<void> {
    if (this.#watch) clearInterval(this.#watch);
    this.connected = false;
    await this.#keeper?.close();
  }

  async #setUp(channel: OpenChannel): Promise<void> {
    this.#channel = channel;
    if (this.#connection !== channel.connection) {
      // Announces that messages queued for the old connection are lost.
      this.#connection = channel.connection;
      Object.assign(this.broker.metadata, { session: randomUUID() });
    }
    this.#full = false;
    channel.on('close', () => this.#lost(channel));
    channel.on('return', (message) => this.#returned(message));
    channel.on('drain', () => {
      this.#full = false;
      this.#release();
    });
    await channel.prefetch(this.#settings.prefetch);
    await Promise.all([
      ...TO_ONE.map((kind) => this.#listen(channel, kind)),
      ...TO_ALL.map(async (kind) => {
        const exchange = this.getTopicName(kind);
        await channel.assertExchange(exchange, 'fanout', { durable: true });
        await this.#listen(channel, kind, exchange);
      }),
    ]);
    this.connected = true;
    if (!this.transit.isReady) return;
    await this.transit.discoverer.sendLocalNodeInfo();
    await this.transit.discoverer.discoverAllNodes();
  }

  async #listen(channel: OpenChannel, kind: string, exchange?: string): Promise<void> {
    const queue = this.getTopicName(kind, this.nodeID);
    // Not auto-delete: messages survive a closed channel and are deleted with the connection.
    await channel.assertQueue(queue, { exclusive: true, durable: false });
    if (exchange) await channel.bindQueue(queue, exchange, '');
    const take = (message: ConsumeMessage | null) => {
      // The queue was deleted: a new channel declares it again.
      if (!message) return void channel.close().catch(() => undefined);
      if (kind === 'REQ') void this.#serve(channel, message);
      else void this.#take(kind, message);
    };
    await channel.consume(queue, take, { noAck: kind !== 'REQ', exclusive: true });
  }

  /** Decodes a packet after checking its sender. */
  #read(kind: string, { content, properties }: ConsumeMessage): Packet | null {
    try {
      const packet = this.deserialize(kind, content) as unknown as Packet;
      if (!isAllowed(kind, properties.userId, packet.payload, this.#settings.amqp.user, this.nodeID)) {
        this.#settings.log.warn({ kind, user: properties.userId }, 'packet with a forged sender');
        return null;
      }
      return packet;
    } catch (error) {
      this.#settings.log.warn({ err: error, kind, user: properties.userId }, 'unreadable packet');
      return null;
    }
  }

  async #take(kind: string, message: ConsumeMessage): Promise<void> {
    const packet = this.#read(kind, message);
    if (!packet) return;
    if (kind === 'RES') {
      const { id = '', sender } = packet.payload;
      // Only the node that was called may answer.
      if (this.#settings.flights.get(id)?.nodeId !== sender) return;
    }
    // A process on a new connection has lost its queue and the requests in it.
    if (kind === 'INFO' && this.#sessions.isNew(packet.payload)) this.#failRequestsTo(packet.payload.sender);
    await (this as unknown as { messageHandler: Handle }).messageHandler(kind, packet);
  }

  /**
   * Executes a request and acknowledges it on its own channel. A request that RabbitMQ redelivers after a
   * lost channel is either still running here or may have run: its caller is asked to retry with its key.
   */
  async #serve(channel: OpenChannel, message: ConsumeMessage): Promise<void> {
    const { type, correlationId } = message.properties;
    const packet = type === PROBE ? null : this.#read('REQ', message);
    if (packet) measureQueue(message, this.#settings.clock);
    const id = String(correlationId);
    if (packet && packet.payload.id === id && !this.#running.has(id)) {
      if (message.fields.redelivered) await this.#refuse(packet.payload.sender, id);
      else {
        this.#running.add(id);
        try {
          await (this as unknown as { messageHandler: Handle }).messageHandler('REQ', packet);
        } finally {
          this.#running.delete(id);
        }
      }
    }
    if (this.#channel === channel) channel.ack(message);
  }

  async #refuse(sender: string, id: string): Promise<void> {
    const why = new Errors.RequestRejectedError({ action: '', nodeID: this.nodeID });
    await this.transit.sendResponse(sender, id, {}, {}, null as never, why);
  }

  /**
   * Sends one request to another process. Refuses it when it could only queue; waits while publishing is
   * blocked.
   * @throws UnansweredError
   */
  async carry(context: Context, next: Carry): Promise<unknown> {
    const { amqp, callsInFlightMax, flights } = this.#settings;
    if (!this.connected) throw new UnansweredError('unreachable');
    const service = serviceOf(context.action?.name ?? '');
    if (flights.ofService(service) >= callsInFlightMax) throw new UnansweredError('overloaded');
    const startedMs = performance.now();
    const endMs = startedMs + Number(context.options.timeout);
    flights.add(context.id, { service, nodeId: String(context.nodeID), startedMs, endMs });
    try {
      if (this.#full || amqp.blocked()) {
        await new Promise<void>((resolve, reject) => this.#waiters.push({ resolve, reject }));
        if (performance.now() >= endMs) throw new UnansweredError('overloaded');
      }
      return await next(context);
    } finally {
      flights.remove(context.id);
    }
  }

  #release(): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { resolve } of waiters) resolve();
  }

  override serialize(packet: never): Buffer {
    const { type, payload } = packet as Packet;
    // An answer needs nothing of its request's meta, least of all the sealed caller.
    if (type === 'RES') payload.meta = payload.meta?.replayed === true ? { replayed: true } : {};
    return super.serialize(packet);
  }

  #optionsOf({ type, payload }: Packet): Options.Publish {
    const userId = this.#settings.amqp.user;
    if (type === 'REQ') {
      const expiration = String(Math.max(1, Math.ceil(payload.timeout ?? 1)));
      const correlationId = payload.id as string;
      return { userId, mandatory: true, expiration, correlationId, timestamp: sentNow(this.#settings.clock) };
    }
    return { userId, expiration: type === 'RES' ? ANSWER_LIFE_MS : NOTICE_LIFE_MS };
  }

  override async send(topic: string, data: Buffer, { packet }: { packet: Packet }): Promise<void> {
    if (!this.#channel) throw new UnansweredError('unreachable');
    const [exchange, key] = packet.target == null ? [topic, ''] : ['', topic];
    if (!this.#channel.publish(exchange, key, data, this.#optionsOf(packet))) this.#full = true;
  }

  /** Messages in transit are lost with the channel, so their callers stop waiting. */
  #lost(channel: OpenChannel): void {
    if (this.#channel !== channel) return;
    this.#channel = null;
    this.connected = false;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { reject } of waiters) reject(new UnansweredError('unreachable'));
    for (const [id] of this.#settings.flights.all()) this.#fail(id, new UnansweredError('lost'));
  }

  #failRequestsTo(node: string): void {
    for (const [id, { nodeId }] of this.#settings.flights.all())
      if (nodeId === node) this.#fail(id, new UnansweredError('lost'));
  }

  #fail(id: string, error: Error): void {
    const request = this.transit.pendingRequests.get(id);
    if (!request) return;
    this.transit.removePendingRequest(id);
    request.reject(error);
  }

  /** A message was returned: its queue, and so its process, is gone. */
  #returned({ fields, properties }: Message): void {
    const { routingKey } = fields as { routingKey: string };
    const nodeId = routingKey.slice(this.getTopicName('REQ').length + 1);
    const id: unknown = properties.correlationId;
    if (typeof id === 'string') this.#fail(id, new UnansweredError('refused'));
    this.#sessions.delete(nodeId);
    const { discoverer } = this.transit;
    discoverer.remoteNodeDisconnected(nodeId, true);
    // If the process is back already, its announcement follows.
    void discoverer.discoverNode(nodeId);
  }

  /**
   * Checks requests without an answer. A probe message to their process expires while its queue exists and is
   * returned when the queue is gone.
   */
  #checkRequests(): void {
    const { amqp, flights } = this.#settings;
    const channel = this.connected ? this.#channel : null;
    const nowMs = performance.now();
    const unanswered = new Set<string>();
    for (const [id, { nodeId, startedMs, endMs }] of flights.all()) {
      if (nowMs > endMs) {
        this.#fail(id, new Errors.RequestTimeoutError({ action: '', nodeID: nodeId }));
        flights.remove(id);
      } else if (nowMs - startedMs > WATCH_MS) unanswered.add(nodeId);
    }
    if (!channel || amqp.blocked()) return;
    if (!this.#full && this.#waiters.length > 0) this.#release();
    const options = { userId: amqp.user, mandatory: true, expiration: '0', type: PROBE };
    for (const nodeId of unanswered) channel.publish('', this.getTopicName('REQ', nodeId), NOTHING, options);
  }
}
