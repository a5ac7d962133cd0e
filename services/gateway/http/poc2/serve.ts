import { AppError, isAppError } from '../../../../broker/calls/errors.ts';
import { OLD_ID } from '../../../../broker/calls/old-ids.ts';
import { auth } from '../../../../shared/contracts/auth/auth.ts';
import type { PaymentId } from '../../../../shared/contracts/ids.ts';
import { payments } from '../../../../shared/contracts/payments.ts';
import type { GatewayService } from '../../gateway.ts';
import { usageHeaders, type Usage } from '../../limits/usage.ts';
import type { Exchange, Serve } from '../exchange.ts';
import { pipelineOf, type Admitted, type PipelineParts } from '../pipeline.ts';
import { readParams, refuseOversize, type Params } from '../read-params.ts';
import type { Respond } from '../respond.ts';
import { routeOf, type Route } from '../routes.ts';
import { nameRoute } from '../visit.ts';
import { countPoc2 } from '../../metrics.ts';
import type { Ask } from './ask.ts';
import { clientLabels } from './clients.ts';
import { POC2_PREFIX } from './envelope.ts';
import { costOf } from './params.ts';
import { POC2_ROUTES, type Poc2Route } from './routes.ts';

/** The route of one endpoint. Its tokens stay in the body: clients of POC-2 keep no cookies of ours. */
const poc2Route = (text: string, { action, status = 200 }: Poc2Route): Route => {
  const [method = '', path = ''] = text.split(' ');
  const made = routeOf(action, { route: `${method} ${POC2_PREFIX}${path}` as 'GET /', status });
  const session = action.http?.session === 'end' ? 'end' : null;
  return { ...made, session };
};

const NOT_THERE = ['not_found', 'payment_not_found', 'invalid_params'];

const orNull = (error: unknown): null => {
  if (isAppError(error) && NOT_THERE.includes(error.code)) return null;
  throw error;
};

/** The id that something has now; null where nothing had this one. */
type FindId = (id: string, ask: Ask) => Promise<string | null>;

const userNow: FindId = async (id, { asGateway }) =>
  (await asGateway(auth.actions.findUser, { id }).catch(orNull))?.user?.id ?? null;
const thingNow: FindId = async (id, ask) =>
  (await userNow(id, ask)) ??
  (await ask.asCaller(payments.actions.get, { id: id as PaymentId }).catch(orNull))?.id ??
  null;

/** Replaces old ids; one that nothing had stays: the contract refuses it, or it finds nothing. */
const withNewIds = async (params: Params, { users, things }: Poc2Route, ask: Ask): Promise<Params> => {
  const found: Record<string, unknown> = {};
  const wanted = (names: readonly string[] = [], find: FindId) => names.map((name) => ({ name, find }));
  for (const { name, find } of [...wanted(users, userNow), ...wanted(things, thingNow)]) {
    const id = params[name];
    if (typeof id === 'string' && OLD_ID.test(id)) found[name] = (await find(id, ask)) ?? id;
  }
  return { ...params, ...found };
};

const askOf = (service: GatewayService, { options }: Admitted): Ask => ({
  asCaller: async (action, params) => (await service.send(action, params, options)).result,
  asGateway: service.call,
  nowMs: () => service.clock.nowMs(),
});

const serveRoute = (
  one: Poc2Route,
  route: Route,
  parts: PipelineParts,
  service: GatewayService,
  respond: Respond,
): Serve => {
  const { countedAs = one.action } = one;
  const costs = one.costs ?? {};
  const limitsOf: PipelineParts['limitsOf'] = () => ({
    ...parts.limitsOf(countedAs),
    ...(one.countedAs && { costOf: (query) => costOf(costs, query) }),
  });
  const pipeline = pipelineOf(route, { ...parts, limitsOf });
  const run = async ({ request, response, requestId, query, pathParams }: Exchange, usage: Usage) => {
    nameRoute(request, `${route.method} ${route.path}`);
    refuseOversize(request, route);
    const admitted = await pipeline.admit({ request, requestId, query, usage });
    const ask = askOf(service, admitted);
    const read = await readParams(request, route, query, pathParams);
    const sent = await withNewIds(read, one, ask);
    const { caller } = admitted.options;
    const given = { params: sent, caller, known: await one.know?.(ask, sent) };
    const params = one.toParams(given) as Params;
    await pipeline.prepare(params, admitted);
    const { idempotencyKey } = admitted.options;
    const repeats = idempotencyKey === null ? await one.repeats?.(ask, params) : undefined;
    const { result, replayed } =
      repeats && 'result' in repeats
        ? { result: repeats.result, replayed: true }
        : await service.send(one.action, params, {
            ...admitted.options,
            idempotencyKey: repeats?.key ?? idempotencyKey,
          });
    const { body, headers } = pipeline.settle(result, admitted);
    const data = one.fromResult(body, given, params);
    const all = [...headers, ...(replayed ? ['Idempotent-Replayed', 'true'] : [])];
    respond.json(response, requestId, one.status ?? 200, { success: true, data }, all);
  };
  return (exchange) => {
    const usage: Usage = [];
    run(exchange, usage).catch((error: unknown) =>
      respond.problem(exchange.response, exchange.requestId, error, usageHeaders(usage)),
    );
  };
};

/** Counts each answer by endpoint and client. */
const counted =
  (clientOf: ReturnType<typeof clientLabels>, route: string, serve: Serve): Serve =>
  (exchange) => {
    const { request, response } = exchange;
    response.once('close', () =>
      countPoc2(route, clientOf(request, response.statusCode < 400 && response.writableFinished)),
    );
    serve(exchange);
  };

/** Reports, whose path could be that of a payment, and everything else. */
const NOT_SERVED = ['/payments/reports', '/{*rest}'];
const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

/** POC-2's API: handlers by path and method. What it has besides is 404, in its envelope. */
export const poc2Paths = (
  parts: PipelineParts,
  service: GatewayService,
  respond: Respond,
): ReadonlyMap<string, ReadonlyMap<string, Serve>> => {
  const clientOf = clientLabels();
  const paths = new Map<string, Map<string, Serve>>();
  for (const one of POC2_ROUTES) {
    for (const text of one.routes) {
      const route = poc2Route(text, one);
      const methods = paths.get(route.path) ?? new Map<string, Serve>();
      const serve = serveRoute(one, route, parts, service, respond);
      paths.set(route.path, methods.set(route.method, counted(clientOf, text, serve)));
    }
  }
  const detail =
    'This endpoint of POC-2 is not served. docs/POC-3-Implementation/poc2-api.md lists those that are.';
  const refuse: Serve = ({ response, requestId }) =>
    respond.problem(response, requestId, new AppError('not_found', { detail }));
  const others = counted(clientOf, 'other', refuse);
  const refused = new Map(METHODS.map((method) => [method, others]));
  for (const path of NOT_SERVED) paths.set(`${POC2_PREFIX}${path}`, refused);
  return paths;
};
