import { pathToFileURL } from 'node:url';
import type { Plugin } from 'vite';
import type { Contract } from '../shared/contracts/contract.ts';
import { keysUsedIn } from './contract-trimming.ts';

const isContract = (value: unknown): value is Contract =>
  typeof value === 'object' && value !== null && 'service' in value && 'actions' in value;

const linesOf = ({ service, actions, events, messages = {} }: Contract, isUsed: (key: string) => boolean) => {
  const usedIn = <T>(described: Readonly<Record<string, T>>): [string, T][] =>
    Object.entries(described).filter(([key]) => isUsed(key));
  return {
    service,
    actions: Object.fromEntries(
      usedIn(actions).map(([key, { name, http, timeoutMs }]) => [key, { name, http, timeoutMs }]),
    ),
    events: Object.fromEntries(usedIn(events).map(([key, { name }]) => [key, { name }])),
    messages: Object.fromEntries(usedIn(messages).map(([key, { name }]) => [key, { name }])),
  };
};

/** True for values that survive JSON unchanged. */
const isPlain = (value: unknown): boolean => {
  if (typeof value !== 'object' || value === null) return typeof value !== 'function';
  const prototype: unknown = Object.getPrototypeOf(value);
  if (prototype !== Object.prototype && prototype !== Array.prototype) return false;
  return !('_zod' in value) && Object.values(value).every(isPlain);
};

const IMPORT = /(from\s*['"][^'"]*\/contracts\/(?!contract\.)[\w/-]+\.ts)(?=['"])/g;
const READS_SCHEMAS = /\.(?:params|result|payload)\b/;
const QUERY = '?lines';

/** A module with reduced contracts; its other exports are those of the contract module. */
const linesModule = async (file: string, isUsed: (key: string) => boolean): Promise<string | null> => {
  const exported = Object.entries((await import(pathToFileURL(file).href)) as Record<string, unknown>);
  if (!exported.some(([, value]) => isContract(value))) return null;
  return exported
    .map(([name, value]) => {
      if (isContract(value)) return `export const ${name} = ${JSON.stringify(linesOf(value, isUsed))};`;
      if (isPlain(value)) return `export const ${name} = ${JSON.stringify(value)};`;
      return `export { ${name} } from ${JSON.stringify(file)};`;
    })
    .join('\n');
};

/**
 * A module that reads no schema of a contract imports a reduced contract: names, HTTP routes and time limits,
 * so that a page without a form does not load zod. Only the actions, events and messages that the sources in
 * these folders name remain; without folders, all. 6 KB (brotli) less in the shell; `contract-trimming`
 * reduces the contracts of pages with forms, 4 KB less on the sign-in page.
 */
export const contractLines = (folders?: readonly string[]): Plugin => ({
  name: 'payloom:contract-lines',
  enforce: 'pre',
  transform(code, id) {
    if (id.includes('/node_modules/') || id.endsWith(QUERY) || READS_SCHEMAS.test(code)) return null;
    const rewritten = code.replaceAll(IMPORT, `$1${QUERY}`);
    return rewritten === code ? null : { code: rewritten, map: null };
  },
  async load(id) {
    if (!id.endsWith(QUERY)) return null;
    const file = id.slice(0, -QUERY.length);
    const used = folders && keysUsedIn(folders);
    const code = await linesModule(file, (key) => used?.has(key) ?? true);
    return { code: code ?? `export * from ${JSON.stringify(file)};`, moduleSideEffects: false };
  },
});
