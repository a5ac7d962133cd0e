const folders = ['broker', 'services', 'shared', 'scripts', 'mfes', 'nginx', 'tests'];

export default {
  testEnvironment: 'node',
  testMatch: folders.map((folder) => `<rootDir>/${folder}/**/*.test.ts`),
  // The folders in parentheses have runners of their own; fixtures are read by tests, not run.
  testPathIgnorePatterns: [
    '/node_modules/',
    '/dist/',
    '<rootDir>/tests/(e2e|bench|faults)/',
    '/fixtures/',
    // It loads a stack of its own with Prometheus: `npm run observe`.
    '<rootDir>/tests/observe/observe[.]test[.]ts',
    // What scripts/test.ts runs apart.
    ...(process.env.JEST_WITHOUT ? [process.env.JEST_WITHOUT] : []),
  ],
  modulePathIgnorePatterns: ['<rootDir>/.payloom/', '/dist/', '/fixtures/'],
  extensionsToTreatAsEsm: ['.ts'],
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  transform: { '\\.ts$': '<rootDir>/tests/jest/transform.mjs' },
  globalSetup: '<rootDir>/tests/jest/global-setup.mjs',
  globalTeardown: '<rootDir>/tests/jest/global-teardown.mjs',
  // Many tests wait for servers and timers: three workers keep two cores busy.
  maxWorkers: 3,
  testSequencer: '<rootDir>/tests/jest/slow-first.mjs',
  testTimeout: 30_000,
};
