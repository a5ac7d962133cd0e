import { readdirSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Plugin } from 'vite';

/** The parts of a contract that no page reads: what documents it, what the server checks, what it answers. */
const UNREAD = new Set('summary permission result errors idempotent limit cache payload'.split(' '));

const USE = /\.(?:actions|events|messages)\.(\w+)/g;
const CONTRACTS = resolve(import.meta.dirname, '../shared/contracts');
const services = readdirSync(CONTRACTS).map((file) => file.replace('.ts', ''));
/** Any other use than by name: what is left out would be missing there. */
const OTHER_USE = new RegExp(String.raw`\b(?:${services.join('|')})\.(?:actions|messages)\b(?!\.\w)`);

/** Keys of all actions, events and messages that the sources in these folders name. */
export const keysUsedIn = (folders: readonly string[]): Set<string> => {
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && /(?<!\.test)\.(?:ts|svelte)$/.test(entry.name))
      .map((entry) => resolve(entry.parentPath, entry.name)),
  );
  const uses = files.flatMap((file) => [...readFileSync(file, 'utf8').matchAll(USE)]);
  return new Set(uses.map(([, key]) => key ?? ''));
};

const OWN_FILE = 'mfes/contract-trimming.ts';

type Node = { type: string; start: number; end: number; [key: string]: unknown };
type Property = Node & { key?: { name?: string; value?: string }; value?: Node };

const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string';
const keyOf = ({ key }: Property): string => key?.name ?? key?.value ?? '';
const propertiesOf = (node: Node | undefined): Property[] =>
  node?.type === 'ObjectExpression' ? (node['properties'] as Property[]) : [];

/** Actions, messages and events, and nothing else in a contract, have a summary. */
const isDescribed = (property: Property): boolean =>
  propertiesOf(property.value).some((inner) => keyOf(inner) === 'summary');

type Change = { start: number; end: number; text: string };

/** What is left out of a module's objects. */
const changesIn = (node: Node, used: ReadonlySet<string>): Change[] => {
  const properties = propertiesOf(node);
  const isContract = properties.some((property) => keyOf(property) === 'actions');
  const changes = properties.flatMap((property): Change[] => {
    const { start, end } = property;
    if (isContract && keyOf(property) === 'events') return [{ start, end, text: 'events: {}' }];
    if (!isDescribed(property)) return changesIn(property, used);
    if (!used.has(keyOf(property))) return [{ start, end, text: '' }];
    const unread = propertiesOf(property.value).filter((inner) => UNREAD.has(keyOf(inner)));
    return unread.map((inner) => ({ start: inner.start, end: inner.end, text: '' }));
  });
  if (node.type === 'ObjectExpression') return changes;
  const inner = Object.values(node).flat();
  return inner.filter(isNode).flatMap((child) => changesIn(child, used));
};

/** The code without what no page reads; of actions and messages only the used ones are left. */
export const trimmed = (code: string, tree: unknown, used: ReadonlySet<string>): string => {
  let left = code;
  for (const { start, end, text } of changesIn(tree as Node, used).reverse()) {
    const comma = text === '' ? (/^\s*,/.exec(left.slice(end))?.[0].length ?? 0) : 0;
    left = left.slice(0, start) + text + left.slice(end + comma);
  }
  return left;
};

/** Leaves out of contracts what the micro-frontend whose sources are in these folders does not read. */
export const contractTrimming = (folders: readonly string[]): Plugin => {
  let used = new Set<string>();
  return {
    name: 'payloom:contract-trimming',
    buildStart() {
      used = keysUsedIn(folders);
    },
    transform(code, id) {
      const file = id.split('?')[0] ?? id;
      if (file.startsWith(CONTRACTS) && file === id) {
        return { code: trimmed(code, this.parse(code), used), map: null };
      }
      if (folders.some((folder) => file.startsWith(folder)) && OTHER_USE.test(code)) {
        this.error(`${file} uses actions otherwise than by name, contract.actions.name; see ${OWN_FILE}`);
      }
      return null;
    },
  };
};
