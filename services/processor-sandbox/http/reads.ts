import { invalidRequest, missing } from '../domain/problem.ts';
import { chargeOf, refundOf, type ChargeRow, type RefundRow } from '../persistence/charges.ts';
import { webhookEventOf, type WebhookEventRow } from '../persistence/webhook-events.ts';
import { intentOf, readIntent, type IntentRow } from '../persistence/intents.ts';
import { readPage, type Listed, type PageQuery } from '../persistence/pages.ts';
import type { Sandbox } from '../processor-sandbox.ts';
import { readForm } from './form.ts';
import { chargeObject, eventObject, intentObject, listObject, refundObject } from './objects.ts';
import { listParams, readParams } from './params.ts';
import { ok, refused, type Reply, type Request } from './reply.ts';

const DEFAULT_LIMIT = 10;

const TO_OBJECT: Readonly<Record<Listed, (row: never, now: Date) => object>> = {
  payment_intents: (row: IntentRow) => intentObject(intentOf(row)),
  charges: (row: ChargeRow) => chargeObject(chargeOf(row)),
  refunds: (row: RefundRow, now) => refundObject(refundOf(row), now),
  events: (row: WebhookEventRow) => eventObject(webhookEventOf(row)),
};

type ListParams = {
  limit?: number | undefined;
  starting_after?: string | undefined;
  created?: PageQuery['created'];
} & Record<string, unknown>;

export const list =
  (table: Listed) =>
  async (sandbox: Sandbox, request: Request): Promise<Reply> => {
    const read = readForm(request.query);
    if (read.problem !== undefined) return refused(invalidRequest(read.problem));
    const { params, problem } = readParams(listParams[table], read.form);
    if (problem) return refused(problem);
    const { limit = DEFAULT_LIMIT, starting_after: startingAfter, created, ...equal } = params as ListParams;
    const page = await readPage<never>(sandbox.db, table, {
      limit,
      ...(startingAfter !== undefined && { startingAfter }),
      ...(created && { created }),
      equal: equal as Record<string, string | undefined>,
    });
    if (!page) return refused(missing(table.slice(0, -1), startingAfter ?? '', 'starting_after'));
    const now = sandbox.clock.now();
    const objects = page.rows.map((row) => TO_OBJECT[table](row, now));
    return ok(listObject(`/v1/${table}`, objects, page.hasMore));
  };

export const retrieveIntent = async (sandbox: Sandbox, _request: Request, id: string): Promise<Reply> => {
  const intent = await readIntent(sandbox.db, id);
  return intent ? ok(intentObject(intent)) : refused(missing('payment_intent', id, 'intent'));
};
