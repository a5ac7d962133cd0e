import { randomUUID } from 'node:crypto';
import type { ConsumeMessage, Message, Options } from 'amqplib';
import { Errors, Transporters, type Context } from 'moleculer';
import type { AmqpChannel, OpenChannel } from '../amqp/channel.ts';
import type { Amqp } from '../amqp/connection.ts';
import { UnansweredError } from '../calls/errors.ts';
import type { Logger } from '../process/logger.ts';
import type { InFlight } from './in-flight.ts';
import { maySay, type Payload } from './sender-check.ts';
import { sessions } from './sessions.ts';

/** How often unanswered requests are looked at, and how old they are when their process is asked after. */
const WATCH_MS = 100;
/** Nobody wants an announcement or an answer that is older. */
const NOTICE_LIFE_MS = '10000';
const ANSWER_LIFE_MS = '30000';
const PROBE = 'probe';
const NOTHING = Buffer.alloc(0);

/** Packets by Moleculer's names. To every process: through a fanout exchange as well as by name. */
const TO_ONE = ['REQ', 'RES', 'EVENT', 'PONG'];
const TO_ALL = ['DISCOVER', 'INFO', 'DISCONNECT', 'HEARTBEAT', 'PING'];

type Packet = { type: string; target?: string | null; payload: Payload & { meta?: { replayed?: boolean } } };
type Handle = (kind: string, packet: Packet) => Promise<unknown>;
type Carry = (context: Context) => Promise<unknown>;
type Waiter = { resolve: () => void; reject: (error: Error) => void };

export type TransporterSettings = {
  amqp: Amqp;
  log: Logger;
  prefetch: number;
  callsInFlightMax: number;
  flights: InFlight;
};

const serviceOf = (action: string): string => action.slice(0, action.lastIndexOf('.'));

/**
 * Moleculer's AMQP transporter made fit for payments. Every queue belongs to this process's connection, so
 * RabbitMQ forgets it when the process dies; requests are `mandatory`, so that whoever sends to a process
 * that is gone hears it at once; a request that was delivered twice is not executed twice.
 */
export class AmqpTransporter extends Transporters.AMQP {
  readonly #settings: TransporterSettings;
  #channel: OpenChannel | null = null;
  #keeper: AmqpChannel | null = null;
  #watch: NodeJS.Timeout | null = null;
  /** Set while the socket has more to write than it takes. */
  #full = false;
  #waiters: Waiter[] = [];
  /** The connection that `#channel` belongs to. */
  #connection: unknown = null;
  readonly #sessions = sessions();
  /** Requests that this process is executing. */
  readonly #running = new Set<string>();

  constructor(settings: TransporterSettings) {
    super({});
    this.#settings = settings;
    this.hasBuiltInBalancer = false;
  }

  /** Resolves once everything is declared and heard; from then on lost channels come back by themselves. */
  override async connect(): Promise<void> {
    const setUp = (channel: OpenChannel) => this.#setUp(channel);
    this.#keeper = await this.#settings.amqp.channel({ name: 'calls', setUp });
    this.#watch = setInterval(() => this.#look(), WATCH_MS);
    this.#watch.unref();
    await this.onConnected(false);
  }

  /**
   * Does what transit does after its first connection, without its half second of waiting for others to
   * introduce themselves: a call that finds nobody waits for them (broker/calls/call.ts).
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
      // It tells others that what waited for the connection before is gone.
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
    // Not auto-delete: what waits here outlives a closed channel, and still goes with the connection.
    await channel.assertQueue(queue, { exclusive: true, durable: false });
    if (exchange) await channel.bindQueue(queue, exchange, '');
    const take = (message: ConsumeMessage | null) => {
      // The queue was deleted by somebody: a new channel declares it again.
      if (!message) return void channel.close().catch(() => undefined);
      if (kind === 'REQ') void this.#serve(channel, message);
      else void this.#take(kind, message);
    };
    await channel.consume(queue, take, { noAck: kind !== 'REQ', exclusive: true });
  }

  /** What came, if it is what it says it is. */
  #read(kind: string, { content, properties }: ConsumeMessage): Packet | null {
    try {
      const packet = this.deserialize(kind, content) as unknown as Packet;
      if (!maySay(properties.userId, packet.payload, this.#settings.amqp.user)) {
        this.#settings.log.warn({ kind, user: properties.userId }, 'a packet with a false sender');
        return null;
      }
      return packet;
    } catch (error) {
      this.#settings.log.warn({ err: error, kind, user: properties.userId }, 'an unreadable packet');
      return null;
    }
  }

  async #take(kind: string, message: ConsumeMessage): Promise<void> {
    const packet = this.#read(kind, message);
    if (!packet) return;
    if (kind === 'RES') {
      const { id = '', sender } = packet.payload;
      // Only who was asked may answer.
      if (this.#settings.flights.get(id)?.nodeId !== sender) return;
    }
    // Back on a new connection it has lost its queue, and with it what waited there.
    if (kind === 'INFO' && this.#sessions.isNew(packet.payload)) this.#giveUpOn(packet.payload.sender);
    await (this as unknown as { messageHandler: Handle }).messageHandler(kind, packet);
  }

  /**
   * Executes a request and acknowledges it on the channel that brought it. A request that RabbitMQ delivers
   * again, after its channel was closed, is either still being executed here, or may have been: then its
   * caller is told to ask again with its key.
   */
  async #serve(channel: OpenChannel, message: ConsumeMessage): Promise<void> {
    const { type, correlationId } = message.properties;
    const packet = type === PROBE ? null : this.#read('REQ', message);
    const id = String(correlationId);
    if (packet && packet.payload.id === id && !this.#running.has(id)) {
      if (message.fields.redelivered) await this.#turnAway(packet.payload.sender, id);
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

  async #turnAway(sender: string, id: string): Promise<void> {
    const why = new Errors.RequestRejectedError({ action: '', nodeID: this.nodeID });
    await this.transit.sendResponse(sender, id, {}, {}, null as never, why);
  }

  /**
   * Carries one request to another process: refuses it where it could only wait, and waits while RabbitMQ
   * takes nothing.
   * @throws UnansweredError
   */
  async carry(context: Context, next: Carry): Promise<unknown> {
    const { amqp, callsInFlightMax, flights } = this.#settings;
    if (!this.connected) throw new UnansweredError('nobody');
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
    // An answer needs nothing of what its request carried, the sealed caller least of all.
    if (type === 'RES') payload.meta = payload.meta?.replayed === true ? { replayed: true } : {};
    return super.serialize(packet);
  }

  #optionsOf({ type, payload }: Packet): Options.Publish {
    const userId = this.#settings.amqp.user;
    if (type === 'REQ') {
      const expiration = String(Math.max(1, Math.ceil(payload.timeout ?? 1)));
      return { userId, mandatory: true, expiration, correlationId: payload.id as string };
    }
    return { userId, expiration: type === 'RES' ? ANSWER_LIFE_MS : NOTICE_LIFE_MS };
  }

  override async send(topic: string, data: Buffer, { packet }: { packet: Packet }): Promise<void> {
    if (!this.#channel) throw new UnansweredError('nobody');
    const [exchange, key] = packet.target == null ? [topic, ''] : ['', topic];
    if (!this.#channel.publish(exchange, key, data, this.#optionsOf(packet))) this.#full = true;
  }

  /** With the channel went whatever was on its way, so nobody waits for it any longer. */
  #lost(channel: OpenChannel): void {
    if (this.#channel !== channel) return;
    this.#channel = null;
    this.connected = false;
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { reject } of waiters) reject(new UnansweredError('nobody'));
    for (const [id] of this.#settings.flights.all()) this.#giveUp(id, new UnansweredError('lost'));
  }

  #giveUpOn(node: string): void {
    for (const [id, { nodeId }] of this.#settings.flights.all())
      if (nodeId === node) this.#giveUp(id, new UnansweredError('lost'));
  }

  #giveUp(id: string, error: Error): void {
    const request = this.transit.pendingRequests.get(id);
    if (!request) return;
    this.transit.removePendingRequest(id);
    request.reject(error);
  }

  /** Nobody reads the queue that this was meant for: its process is gone. */
  #returned({ fields, properties }: Message): void {
    const { routingKey } = fields as { routingKey: string };
    const nodeId = routingKey.slice(this.getTopicName('REQ').length + 1);
    const id: unknown = properties.correlationId;
    if (typeof id === 'string') this.#giveUp(id, new UnansweredError('refused'));
    this.#sessions.forget(nodeId);
    const { discoverer } = this.transit;
    discoverer.remoteNodeDisconnected(nodeId, true);
    // Should it be back already, it says so.
    void discoverer.discoverNode(nodeId);
  }

  /**
   * Looks at requests without an answer. Whether their processes still live is asked of RabbitMQ, by a
   * message that expires unless its queue is gone, in which case it comes back.
   */
  #look(): void {
    const { amqp, flights } = this.#settings;
    const channel = this.connected ? this.#channel : null;
    const nowMs = performance.now();
    const silent = new Set<string>();
    for (const [id, { nodeId, startedMs, endMs }] of flights.all()) {
      if (nowMs > endMs) {
        this.#giveUp(id, new Errors.RequestTimeoutError({ action: '', nodeID: nodeId }));
        flights.remove(id);
      } else if (nowMs - startedMs > WATCH_MS) silent.add(nodeId);
    }
    if (!channel || amqp.blocked()) return;
    if (!this.#full && this.#waiters.length > 0) this.#release();
    const options = { userId: amqp.user, mandatory: true, expiration: '0', type: PROBE };
    for (const nodeId of silent) channel.publish('', this.getTopicName('REQ', nodeId), NOTHING, options);
  }
}
