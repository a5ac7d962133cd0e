const SPACE = 0x20;
const TAB = 0x09;

const isSpace = (text: string, at: number): boolean => {
  const code = text.charCodeAt(at);
  return code === SPACE || code === TAB;
};

const skipSpaces = (text: string, start: number, end: number): number => {
  let at = start;
  while (at < end && isSpace(text, at)) at += 1;
  return at;
};

const trimmed = (text: string, start: number, end: number): string => {
  const from = skipSpaces(text, start, end);
  let to = end;
  while (from < to && isSpace(text, to - 1)) to -= 1;
  return text.slice(from, to);
};

/**
 * The values of all cookies with this exact name in a Cookie header, in its order. Only `;` separates
 * cookies; spaces and tabs around a name or a value do not belong to it, quotes and `%` do (RFC 6265bis
 * 4.2.1, 5.8.3).
 */
export const cookieValues = (header: string, name: string): string[] => {
  const values: string[] = [];
  for (let start = 0, end = 0; start < header.length; start = end + 1) {
    const separator = header.indexOf(';', start);
    end = separator === -1 ? header.length : separator;
    const at = skipSpaces(header, start, end);
    if (!header.startsWith(name, at)) continue;
    const equals = skipSpaces(header, at + name.length, end);
    if (header[equals] === '=') values.push(trimmed(header, equals + 1, end));
  }
  return values;
};
