/** A decoded form: text or nested records. Lists stay records (`0`, `1`, …) until a schema converts them. */
export type Form = { [key: string]: string | Form };

const MAX_PAIRS = 300;
const MAX_DEPTH = 5;
const KEY = /^([^[\]]+)((?:\[[^[\]]*\])*)$/;

/** `metadata[a][b]` → `['metadata', 'a', 'b']`; null when it is not well-formed. */
const pathOf = (key: string): string[] | null => {
  const match = KEY.exec(key);
  if (!match) return null;
  const path = [
    match[1] as string,
    ...[...(match[2] ?? '').matchAll(/\[([^[\]]*)\]/g)].map((part) => part[1] as string),
  ];
  return path.length <= MAX_DEPTH ? path : null;
};

// Without a prototype `__proto__` is an ordinary key.
const emptyForm = (): Form => Object.create(null) as Form;

/** Reads `a=1&metadata[b]=2&list[]=x` as Stripe does; `problem` is a sentence. */
export const readForm = (
  text: string,
): { form: Form; problem?: never } | { problem: string; form?: never } => {
  const form = emptyForm();
  let pairs = 0;
  for (const [key, value] of new URLSearchParams(text)) {
    if (++pairs > MAX_PAIRS) return { problem: `A request can have at most ${MAX_PAIRS} parameters.` };
    if (key.includes('\0') || value.includes('\0')) return { problem: 'A parameter holds a zero byte.' };
    const path = pathOf(key);
    if (!path) return { problem: `Invalid parameter name: ${key.slice(0, 100)}` };
    let place = form;
    for (const [index, part] of path.entries()) {
      const name = part === '' ? String(Object.keys(place).length) : part;
      if (index === path.length - 1) {
        place[name] = value;
        break;
      }
      const next = place[name] ?? (place[name] = emptyForm());
      if (typeof next === 'string')
        return { problem: `${key.slice(0, 100)} is given as text and as a record.` };
      place = next;
    }
  }
  return { form };
};

/** The same text for the same parameters in any order; identifies a request. */
export const canonicalForm = (text: string): string =>
  [...new URLSearchParams(text)]
    .map((pair) => JSON.stringify(pair))
    .sort()
    .join('\n');
