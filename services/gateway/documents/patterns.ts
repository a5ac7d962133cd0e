/**
 * What only ECMAScript reads, or not all of RE2 (Go, Rust), Java, Python, .NET and PCRE: classes by property,
 * escapes of code points, look-around, back references and named groups. `\d` and `\w` are ASCII in some and
 * Unicode in others.
 */
const NOT_PORTABLE = /\\[pPuckdDwWsSbB1-9]|\(\?(?!:)|\[\^?\]|\[[^\]]*\[/;

/** Whether a regular expression's source means the same to the validators of all languages. */
export const isPortable = (source: string): boolean => !NOT_PORTABLE.test(source);
