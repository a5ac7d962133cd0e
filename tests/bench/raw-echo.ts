// The contender of P5: answers over RabbitMQ with amqplib only. Arguments: URL, queue.
import { connect } from 'amqplib';

const [url = '', queue = ''] = process.argv.slice(2);
const model = await connect(url, { noDelay: true });
const channel = await model.createChannel();
await channel.prefetch(100);
await channel.assertQueue(queue, { exclusive: true, durable: false });
await channel.consume(queue, (message) => {
  if (!message) return;
  const { replyTo, correlationId } = message.properties;
  const { text } = JSON.parse(message.content.toString()) as { text: string };
  channel.sendToQueue(replyTo, Buffer.from(JSON.stringify({ text, by: queue })), { correlationId });
  channel.ack(message);
});
process.send?.('ready');
