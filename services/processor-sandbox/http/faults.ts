import { invalidRequest } from '../domain/problem.ts';
import type { Fault } from '../domain/faults.ts';
import type { Sandbox } from '../processor-sandbox.ts';
import { faultParams, readParams } from './params.ts';
import { ok, refused, type Reply, type Request } from './reply.ts';

const scheduled = ({ faults }: Sandbox): Reply => ok({ object: 'list', data: faults, has_more: false });

/** `POST /sandbox/faults`: adds a fault to the present ones. */
export const addFault = async (sandbox: Sandbox, { body }: Request): Promise<Reply> => {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    return refused(invalidRequest('The body is not JSON.'));
  }
  const { params, problem } = readParams(faultParams, json);
  if (problem) return refused(problem);
  sandbox.faults.push(params as Fault);
  return scheduled(sandbox);
};

export const listFaults = async (sandbox: Sandbox): Promise<Reply> => scheduled(sandbox);

export const clearFaults = async (sandbox: Sandbox): Promise<Reply> => {
  sandbox.faults.length = 0;
  return scheduled(sandbox);
};
