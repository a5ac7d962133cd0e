import { existsSync, readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

/** What the three kinds of tests leave, as far as it is read: Jest's, Playwright's and the faults' report. */
export type JestReport = {
  numPassedTests: number;
  numFailedTests: number;
  numRuntimeErrorTestSuites: number;
  testResults: {
    name: string;
    message: string;
    assertionResults: { status: string; fullName: string; failureMessages: string[] }[];
  }[];
};
type Suite = { suites?: Suite[]; specs?: Spec[] };
type Spec = {
  title: string;
  file: string;
  ok: boolean;
  tests: { results: { error?: { message?: string } }[] }[];
};
export type PlaywrightReport = {
  stats: { expected: number; unexpected: number; flaky: number };
  errors: { message?: string }[];
  suites: Suite[];
};
export type FaultReport = { name: string; ok: boolean; figure: string }[];

export const readReport = <T>(path: string): T | null =>
  existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : null;

const WORDS_MAX = 600;

const plain = (words: string): string => stripVTControlCharacters(words).slice(0, WORDS_MAX);

const jestFailures = ({ testResults }: JestReport): string[] =>
  testResults.flatMap(({ name, message, assertionResults }) => {
    const failed = assertionResults.filter(({ status }) => status === 'failed');
    if (failed.length === 0) return assertionResults.length === 0 && message ? [`${name}: ${message}`] : [];
    return failed.map(({ fullName, failureMessages }) => `${fullName}: ${failureMessages[0] ?? ''}`);
  });

const specsOf = (suite: Suite): Spec[] => [...(suite.specs ?? []), ...(suite.suites ?? []).flatMap(specsOf)];

const playwrightFailures = ({ suites, errors }: PlaywrightReport): string[] => [
  ...suites
    .flatMap(specsOf)
    .filter(({ ok }) => !ok)
    .map(({ file, title, tests }) => {
      const errorsOf = tests.flatMap(({ results }) => results.map(({ error }) => error?.message ?? ''));
      return `${file} › ${title}: ${errorsOf.find((words) => words !== '') ?? ''}`;
    }),
  ...errors.map(({ message = '' }) => message),
];

const faultFailures = (report: FaultReport): string[] =>
  report.filter(({ ok }) => !ok).map(({ name, figure }) => `${name}: ${figure}`);

/** Every test that failed, in a few lines each: what a long output ends with is what is read of it. */
export const failures = (reports: {
  jest: JestReport | null;
  playwright: PlaywrightReport | null;
  faults: FaultReport | null;
}): string[] =>
  [
    ...(reports.jest ? jestFailures(reports.jest) : []),
    ...(reports.playwright ? playwrightFailures(reports.playwright) : []),
    ...(reports.faults ? faultFailures(reports.faults) : []),
  ].map(plain);
