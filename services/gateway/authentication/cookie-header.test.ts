import { cookieValues } from './cookie-header.ts';

const NAME = '__Host-session';

test.each<[what: string, header: string, values: string[]]>([
  ['one cookie', `${NAME}=a`, ['a']],
  ['a cookie between others', `x=1; ${NAME}=a; y=2`, ['a']],
  ['no space after the separator', `x=1;${NAME}=a;y=2`, ['a']],
  ['spaces and tabs around name and value', `x=1;\t ${NAME} \t=  a  `, ['a']],
  ['a value with spaces, quotes, commas, percent signs and =', `${NAME}="a b",c=%20d=`, ['"a b",c=%20d=']],
  ['an empty value', `${NAME}=`, ['']],
  ['two cookies', `${NAME}=a; ${NAME}=b`, ['a', 'b']],
  ['two equal cookies', `${NAME}=a; ${NAME}=a`, ['a', 'a']],
  ['the name after a space in another value', `x=1 ${NAME}=a`, []],
  ['the name after a comma or a tab in another value', `x=1,${NAME}=a; y=2\t${NAME}=b`, []],
  ['the name as the end of another', `x${NAME}=a; x-${NAME}=b`, []],
  ['the name as the start of another', `${NAME}2=a; ${NAME}_=b`, []],
  ['another case', `${NAME.toLowerCase()}=a`, []],
  ['a space of Unicode before the name', `\u00a0${NAME}=a; \u0085${NAME}=b; \ufeff${NAME}=c`, []],
  ['the name without =', `${NAME}; x=1`, []],
  ['a cookie without a name', `=${NAME}=a; ==`, []],
  ['nothing', '', []],
  ['separators only', ';;  ; ;', []],
])('%s', (_what, header, values) => {
  expect(cookieValues(header, NAME)).toEqual(values);
});
