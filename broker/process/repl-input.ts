import type { REPLServer } from 'node:repl';

/** The flags of moleculer-repl's `call` and `dcall` that work beside JSON parameters. */
const FLAGS_BESIDE_JSON = ['--load', '--loadFull', '--stream', '--save', '--$local'];
/** The words between these commands and their parameters. */
const WORDS_BEFORE_PARAMS: Readonly<Record<string, number>> = { call: 1, dcall: 2 };

const isFlag = (word: string): boolean => word.startsWith('-');
const isJson = (word: string): boolean => /^['"]?[[{]/.test(word);

/**
 * Why a line of moleculer-repl is not run, or null. Beside JSON parameters its `call` ignores flags, and
 * after a flag it ignores JSON parameters, without a word: the call would be another than the one typed.
 */
export const refusalOf = (line: string): string | null => {
  const [command = '', ...words] = line.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? [];
  const params = words.slice(WORDS_BEFORE_PARAMS[command] ?? words.length);
  // JSON right behind a flag is that flag's value.
  const isParameter = (word: string, at: number) => isJson(word) && !isFlag(params[at - 1] ?? '');
  if (!params.some(isParameter)) return null;
  const ignored = params.filter(
    (word) => isFlag(word) && !FLAGS_BESIDE_JSON.includes(word.split('=')[0] ?? ''),
  );
  if (ignored.length === 0) return null;
  return (
    `Not called: ${ignored.join(' and ')} is not understood beside parameters in JSON. ` +
    `Write the meta as a second JSON, ${command} … '{"amount":1}' '{"userId":"usr_…"}', ` +
    'or all parameters as flags.'
  );
};

/**
 * Runs the lines of a REPL one after the other, says why it does not run one, and calls `atEnd` when the
 * input has ended and all lines have run.
 */
export const controlInput = (repl: REPLServer, atEnd: () => void): void => {
  const run = repl.eval.bind(repl);
  let last: Promise<void> = Promise.resolve();
  const evaluate: REPLServer['eval'] = (line, context, file, done) => {
    const refusal = refusalOf(line);
    last = last.then(
      () =>
        new Promise((resolve) => {
          const end = (error: Error | null, result: unknown) => {
            done(error, result);
            resolve();
          };
          if (refusal === null) return run(line, context, file, end);
          // eslint-disable-next-line no-console -- the output of an interactive command
          console.error(refusal);
          end(null, undefined);
        }),
    );
  };
  Object.assign(repl, { eval: evaluate });
  // moleculer-repl ends the process here, also while a command runs.
  repl.removeAllListeners('exit');
  repl.once('exit', () => void last.then(atEnd));
};
