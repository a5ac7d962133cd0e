import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { createLogger } from '../../../broker/process/logger.ts';
import { newTrace } from '../../../broker/telemetry/trace-context.ts';
import { setTracer } from '../../../broker/telemetry/tracing.ts';
import { receiver } from './visit.ts';

afterEach(() => setTracer(null));

it('each span that a request begins ends, and a connection that is handed over begins none', () => {
  const seen: string[] = [];
  setTracer({
    sampling: 1,
    start: (name, trace) => {
      seen.push(`begin ${name}`);
      return { trace, end: () => seen.push(`end ${name}`) };
    },
  });
  const beginTrace = () => ({ ...newTrace(), sampled: true });
  const receive = receiver({ beginTrace, log: createLogger({ level: 'silent' }) });
  const request = () => Object.assign(new IncomingMessage(new Socket()), { method: 'GET' });

  receive(request(), null, () => seen.push('upgrade'));
  const asked = request();
  const response = new ServerResponse(asked);
  receive(asked, response, () => seen.push('answer'));
  response.emit('close');
  expect(seen).toEqual(['upgrade', 'begin HTTP GET', 'answer', 'end HTTP GET']);
});
