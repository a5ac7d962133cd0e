import { existsSync, readFileSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';

/** The parts of the reports of Jest, Playwright and the faults that are read here. */
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

/** The parsed file, or null when it does not exist. */
export const readReport = <T>(path: string): T | null =>
  existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as T) : null;

const LENGTH_MAX = 320;

const plain = (text: string): string =>
  stripVTControlCharacters(text).replaceAll(/\s+/g, ' ').slice(0, LENGTH_MAX);

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
      return `${file} › ${title}: ${errorsOf.find((message) => message !== '') ?? ''}`;
    }),
  ...errors.map(({ message = '' }) => message),
];

const faultFailures = (report: FaultReport): string[] =>
  report.filter(({ ok }) => !ok).map(({ name, figure }) => `${name}: ${figure}`);

/** Every failed test in a line of at most 320 characters, for the end of a long output. */
export const failures = (reports: {
  jest: readonly (JestReport | null)[];
  playwright: PlaywrightReport | null;
  faults: FaultReport | null;
}): string[] =>
  [
    ...reports.jest.flatMap((report) => (report ? jestFailures(report) : [])),
    ...(reports.playwright ? playwrightFailures(reports.playwright) : []),
    ...(reports.faults ? faultFailures(reports.faults) : []),
  ].map(plain);
