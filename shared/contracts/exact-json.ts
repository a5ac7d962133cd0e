/** A number as the text that stands for it: no JavaScript number has its value or its form. */
type RawNumber = { readonly rawJSON: string };

/** What Node has, and the types of this version of JavaScript do not. */
const { rawJSON, isRawJSON, parse } = JSON as unknown as {
  rawJSON(text: string): RawNumber;
  isRawJSON(value: unknown): value is RawNumber;
  parse(
    text: string,
    reviver: (key: string, value: unknown, context: { source?: string }) => unknown,
  ): unknown;
};

/** Only such texts may have numbers that change: many digits, a fraction, an exponent, or minus zero. */
const MAY_CHANGE = /\d{16}|\d[.eE]|-0/;

/** The value of a JSON text; `JSON.stringify` writes each number as it was, such as `10.10`. */
export const parseExactly = (text: string): unknown =>
  MAY_CHANGE.test(text)
    ? parse(text, (_key, value, { source }) =>
        typeof value === 'number' && source !== undefined && String(value) !== source
          ? rawJSON(source)
          : value,
      )
    : JSON.parse(text);

/** The text of a number; null for any other value. */
export const numberText = (value: unknown): string | null => {
  if (typeof value === 'number') return String(value);
  return typeof value === 'object' && isRawJSON(value) ? value.rawJSON : null;
};

const NUMBER = /^(-?)(\d+)(?:\.(\d+))?(?:[eE]([+-]?\d+))?$/;

/** A number without exponent and minus zero, as PostgreSQL writes it. */
export const withoutExponent = (value: unknown): unknown => {
  const text = numberText(value) ?? '';
  const [, sign = '', whole = '', fraction = '', exponent = '0'] = NUMBER.exec(text) ?? [];
  if (!/[eE]|^-0/.test(text) || whole === '') return value;
  const digits = whole + fraction;
  const point = whole.length + Number(exponent);
  const before =
    digits
      .slice(0, Math.max(point, 0))
      .padEnd(point, '0')
      .replace(/^0+(?=\d)/, '') || '0';
  const after = digits.slice(Math.max(point, 0)).padStart(digits.length - point, '0');
  const plain = digits.length > point ? `${before}.${after}` : before;
  return rawJSON(/[1-9]/.test(plain) ? sign + plain : plain);
};
