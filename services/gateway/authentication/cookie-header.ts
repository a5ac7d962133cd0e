const isSpace = (text: string, at: number): boolean => text[at] === ' ' || text[at] === '\t';

const trimmed = (text: string): string => {
  let start = 0;
  let end = text.length;
  while (start < end && isSpace(text, start)) start += 1;
  while (start < end && isSpace(text, end - 1)) end -= 1;
  return text.slice(start, end);
};

/**
 * The values of all cookies with this exact name in a Cookie header, in its order. Only `;` separates
 * cookies; spaces and tabs around a name or a value do not belong to it, quotes and `%` do (RFC 6265bis
 * 4.2.1, 5.8.3).
 */
export const cookieValues = (header: string, name: string): string[] => {
  const values: string[] = [];
  for (const pair of header.split(';')) {
    const equals = pair.indexOf('=');
    if (equals !== -1 && trimmed(pair.slice(0, equals)) === name)
      values.push(trimmed(pair.slice(equals + 1)));
  }
  return values;
};
