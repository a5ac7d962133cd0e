import type { Service } from '../../../broker/process/service.ts';
import { usageHeaders, type Usage } from '../limits/usage.ts';
import type { Exchange, Serve } from './exchange.ts';
import { pipelineOf, type PipelineParts } from './pipeline.ts';
import { readParams, refuseOversize } from './read-params.ts';
import type { Respond } from './respond.ts';
import type { Route } from './routes.ts';
import type { FlatHeaders } from './security-headers.ts';
import { receiveUpload, uploaderOf } from './receive-upload.ts';
import { partsOf, sendDownload } from './send-download.ts';
import { sendImage } from './send-image.ts';
import { sendRevalidated } from './send-revalidated.ts';
import { nameRoute } from './visit.ts';
import type { ImageBytes } from '../../../shared/contracts/contract.ts';

const REPLAYED: FlatHeaders = ['Idempotent-Replayed', 'true'];

/** Serves one action over HTTP: the pipeline's steps, the params, the call and its response. */
export const serveAction = (
  route: Route,
  parts: PipelineParts,
  call: Service['send'],
  respond: Respond,
): Serve => {
  const { action, status, locationOf, download, image, isRevalidated, source, bodyMaxBytes } = route;
  const pipeline = pipelineOf(route, parts);
  const named = `${route.method} ${route.path}`;

  const run = async (exchange: Exchange, usage: Usage): Promise<void> => {
    const { request, response, requestId, query, pathParams } = exchange;
    nameRoute(request, named);
    refuseOversize(request, route);
    const admitted = await pipeline.admit({ request, requestId, query, usage });
    const params = await readParams(request, route, query, pathParams);
    await pipeline.prepare(params, admitted);
    if (download) {
      const next = partsOf(action, params, admitted.options, call);
      await sendDownload(response, next, () =>
        respond.file(response, requestId, download, usageHeaders(usage)),
      );
      return;
    }
    if (source === 'file') {
      const upload = uploaderOf(action, params, admitted.options, call);
      await receiveUpload(request, bodyMaxBytes, upload);
      return respond.empty(response, requestId, status, usageHeaders(usage));
    }
    const { result, replayed } = await call(action, params as never, admitted.options);
    const isBearer = admitted.credentials.bearer !== null;
    if (image !== null) {
      const found = { ...(result as ImageBytes), type: image, isBearer };
      return sendImage(exchange, respond, found, usageHeaders(usage));
    }
    const { body, headers } = pipeline.settle(result, admitted);
    const all = [...headers, ...(replayed ? REPLAYED : [])];
    if (locationOf) all.push('Location', locationOf(result as Record<string, unknown>));
    if (isRevalidated) {
      return sendRevalidated(exchange, respond, { body, isBearer }, all);
    }
    if (status === 204) respond.empty(response, requestId, 204, all);
    else respond.json(response, requestId, status, body, all);
  };

  return (exchange) => {
    const usage: Usage = [];
    run(exchange, usage).catch((error: unknown) => {
      respond.problem(exchange.response, exchange.requestId, error, usageHeaders(usage));
    });
  };
};
