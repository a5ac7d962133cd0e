import { pathToFileURL } from 'node:url';
import type { Plugin } from 'vite';
import type { Contract } from '../shared/contracts/contract.ts';

const isContract = (value: unknown): value is Contract =>
  typeof value === 'object' && value !== null && 'room' in value && 'actions' in value;

const linesOf = ({ room, actions }: Contract) => ({
  room,
  actions: Object.fromEntries(
    Object.entries(actions).map(([key, { name, http, timeoutMs }]) => [key, { name, http, timeoutMs }]),
  ),
});

/**
 * In the shell a contract shrinks to what the client needs of it: names, HTTP lines and time limits.
 * The shell has no form to check, so neither schemas nor zod are worth a byte of the first load.
 */
export const contractLines = (): Plugin => ({
  name: 'payloom:contract-lines',
  enforce: 'pre',
  async load(id) {
    if (!/\/shared\/contracts\/(?!contract\.)[\w-]+\.ts$/.test(id)) return null;
    const exported = Object.entries((await import(pathToFileURL(id).href)) as Record<string, unknown>);
    const contracts = exported.filter((entry): entry is [string, Contract] => isContract(entry[1]));
    if (contracts.length === 0) return null;
    return contracts
      .map(([name, value]) => `export const ${name} = ${JSON.stringify(linesOf(value))};`)
      .join('\n');
  },
});
