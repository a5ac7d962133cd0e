import type { Action, ParamsOf, ResultOf } from '../../../../shared/contracts/contract.ts';

/** Calls further actions: as the caller of the request, or as the gateway itself. */
export type Ask = {
  asCaller<A extends Action>(action: A, params: ParamsOf<A>): Promise<ResultOf<A>>;
  asGateway<A extends Action>(action: A, params: ParamsOf<A>): Promise<ResultOf<A>>;
  nowMs(): number;
};
