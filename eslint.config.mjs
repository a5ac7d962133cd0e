import svelte from 'eslint-plugin-svelte';
import globals from 'globals';
import ts from 'typescript-eslint';

// Every ban names what to use instead. A file's bans are put together below from these, by where it stands.
const everywhere = [
  ['TSEnumDeclaration', 'Type stripping knows no enum: use a union of strings.'],
  ['TSParameterProperty', 'Type stripping knows no parameter properties: assign in the body.'],
  [
    'ExportNamedDeclaration[source.value=/^svelte(\\u002F|$)/]',
    'This brings a second Svelte runtime into a remote: import and export separately.',
  ],
];
const noDefault = [
  ['ExportDefaultDeclaration', 'Export by name; a default export has another name in every file.'],
  ["ExportSpecifier[exported.name='default']", 'Export by name.'],
];
const noEnv = [
  [
    "MemberExpression[object.name='process'][property.name='env']",
    "Read the service's config; only broker/process/config.ts reads process.env.",
  ],
];
const noFloat = [
  ["CallExpression[callee.name='parseFloat']", 'Amounts are integers: use shared/contracts/money.ts.'],
  ["MemberExpression[property.name='parseFloat']", 'Amounts are integers: use shared/contracts/money.ts.'],
  ["CallExpression[callee.property.name='toFixed']", 'Format amounts with shared/contracts/money.ts.'],
];
const noWallClock = [
  ["NewExpression[callee.name='Date'][arguments.length=0]", 'Use clock.now() (broker/process/clock.ts).'],
  [
    "MemberExpression[object.name='Date'][property.name='now']",
    'Use clock.nowMs() (broker/process/clock.ts).',
  ],
];
const noBareBus = [
  [
    "CallExpression[callee.property.name='call'][callee.object.name=/^(broker|ctx)$/]",
    'Use call(contract.actions.x, params): typed, with its timeout.',
  ],
  [
    "CallExpression[callee.property.name='call'][callee.object.property.name='broker']",
    'Use call(contract.actions.x, params): typed, with its timeout.',
  ],
  [
    "CallExpression[callee.property.name='emit']",
    'emit gives no delivery guarantee: use outbox.add(tx, event, payload).',
  ],
];

const bans = (...groups) => ({
  'no-restricted-syntax': ['error', ...groups.flat().map(([selector, message]) => ({ selector, message }))],
});

const tests = [
  '**/*.test.ts',
  '**/*.test.mjs',
  'tests/**',
  'broker/testing/**',
  'nginx/testing/**',
  'services/*/testing/**',
  'services/*/testing.ts',
];
const tools = ['scripts/**', 'mfes/*.ts', '**/*.config.*', '*.mjs', '.dependency-cruiser.mjs'];

export default ts.config(
  { ignores: ['**/dist/', 'node_modules/', '.payloom/', 'coverage/', 'test-results/', '**/fixtures/'] },
  ...ts.configs.recommended,
  ...svelte.configs.recommended,
  {
    languageOptions: { globals: { ...globals.node, ...globals.browser } },
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'max-lines': ['error', { max: 300 }],
      'max-lines-per-function': ['error', { max: 70 }],
      'no-console': 'error',
      'no-restricted-imports': [
        'error',
        {
          patterns: [
            { group: ['svelte/internal', 'svelte/internal/*'], message: 'Use runes and svelte itself.' },
          ],
        },
      ],
      'no-undef': 'off',
      'no-var': 'error',
      'prefer-const': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      ...bans(everywhere, noDefault, noEnv, noFloat),
    },
  },
  {
    files: ['**/*.svelte', '**/*.svelte.ts'],
    languageOptions: { parserOptions: { parser: ts.parser, extraFileExtensions: ['.svelte'] } },
    rules: {
      'prefer-const': 'off',
      'svelte/prefer-const': 'error',
      // A map or a URL that no markup reads needs no reactivity.
      'svelte/prefer-svelte-reactivity': 'off',
    },
  },
  { files: ['broker/**'], rules: bans(everywhere, noDefault, noEnv, noFloat, noWallClock) },
  { files: ['broker/process/config.ts'], rules: bans(everywhere, noDefault, noFloat, noWallClock) },
  { files: ['broker/process/clock.ts'], rules: bans(everywhere, noDefault, noEnv, noFloat) },
  { files: ['services/**'], rules: bans(everywhere, noDefault, noEnv, noFloat, noWallClock, noBareBus) },
  { files: ['shared/contracts/money.ts'], rules: bans(everywhere, noDefault, noEnv) },
  { files: tools, rules: { ...bans(everywhere), 'no-console': 'off' } },
  { files: tests, rules: { ...bans(everywhere), 'no-console': 'off', 'max-lines-per-function': 'off' } },
);
