import { begun, wordsOf } from './words.ts';

type State = Readonly<Record<string, unknown>> | null;

/** One value of an entry; `before` is null where it was not known, and so is `after`. */
export type Change = { name: string; before: string | null; after: string | null; isChanged: boolean };

const textOf = (value: unknown): string => {
  if (value === null || value === '') return 'none';
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
};

/** All values of a state by the path to them: `notifications.payments` in words. */
const valuesOf = (state: State, path: readonly string[] = []): Map<string, string> => {
  const found = new Map<string, string>();
  for (const [name, value] of Object.entries(state ?? {})) {
    const at = [...path, name];
    const isState = typeof value === 'object' && value !== null && !Array.isArray(value);
    const inner = isState
      ? valuesOf(value as State, at)
      : new Map([[begun(at.map(wordsOf).join(', ')), textOf(value)]]);
    for (const [key, text] of inner) found.set(key, text);
  }
  return found;
};

/** What an entry says of the state before and after, what has changed first. */
export const changesOf = (before: State, after: State): Change[] => {
  const [former, later] = [valuesOf(before), valuesOf(after)];
  const all = [...new Set([...former.keys(), ...later.keys()])].map((name): Change => {
    const [was, is] = [former.get(name) ?? null, later.get(name) ?? null];
    return { name, before: was, after: is, isChanged: was !== null && is !== null && was !== is };
  });
  return [...all.filter(({ isChanged }) => isChanged), ...all.filter(({ isChanged }) => !isChanged)];
};
