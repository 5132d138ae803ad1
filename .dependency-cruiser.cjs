/**
 * Imports go one way: core <- worker | ops <- api | cli; core <- contract <- api | client <- pages | cli; local starts
 * the worker and the api; cdk imports only core.
 */
const rooms = {
  core: [],
  worker: ['core'],
  ops: ['core'],
  contract: ['core'],
  api: ['core', 'contract', 'ops'],
  client: ['core', 'contract'],
  pages: ['core', 'contract', 'client'],
  guard: ['core', 'ops'],
  redrive: ['core', 'ops'],
  reconcile: ['core', 'ops'],
  generation: [],
  local: ['core', 'ops', 'api', 'worker'],
  cli: ['core', 'contract', 'client', 'ops', 'local'],
  testing: ['core', 'worker'],
};

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    // Only @types has a package with this name.
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^aws-lambda$' },
    },
    {
      name: 'no-tests-in-sources',
      severity: 'error',
      from: { path: '^(src|cdk|packages/[^/]+/src)/' },
      to: { path: '^(test|bench|scripts|packages/[^/]+/test)/' },
    },
    {
      // The build bundles run-time packages. These are only for building and testing.
      name: 'no-tools-in-sources',
      severity: 'error',
      from: { path: '^(src|cdk|packages)/', pathNot: '^(cdk/app.ts$|packages/[^/]+/test/)' },
      to: {
        path: 'node_modules/(esbuild|tsx|marked|@swc|typescript|fast-check|cdk-nag|playwright-core)/',
      },
    },
    {
      name: 'only-the-test-kit-imports-vitest',
      severity: 'error',
      from: { path: '^(src|cdk|packages)/', pathNot: '^(src/testing/|packages/[^/]+/test/)' },
      to: { path: 'node_modules/vitest/' },
    },
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `${room}-imports-${allowed.join('-') || 'nothing'}`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: '^src/', pathNot: [room, ...allowed].map((name) => `^src/${name}/`) },
    })),
    {
      name: 'browsers-have-no-node',
      severity: 'error',
      from: { path: '^src/(contract|client|pages)/' },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'browsers-load-no-schemas',
      severity: 'error',
      from: { path: '^src/(client|pages)/' },
      to: {
        path: '^(node_modules/(?!p-limit/)|src/contract/)',
        pathNot: '^src/contract/(clean-name|limits|routes|types|unique-names).ts$',
      },
    },
    {
      name: 'the-library-is-core-and-operations',
      severity: 'error',
      from: { path: '^src/index.ts$' },
      to: { path: '^src/', pathNot: '^src/(core|ops)/' },
    },
    // Code that only the command uses belongs in src/cli, and code that only the API uses in src/api. A file in src/ops
    // needs an importer outside each of them; another file in src/ops counts.
    ...['cli', 'api'].map((room) => ({
      name: `operations-have-a-user-besides-${room}`,
      severity: 'error',
      from: { pathNot: `^src/${room}/` },
      module: { path: '^src/ops/', numberOfDependentsLessThan: 1 },
    })),
    {
      name: 'the-local-aws-knows-nothing-of-the-pipeline',
      severity: 'error',
      from: { path: '^packages/local-aws/src/' },
      to: { path: '^(src|cdk)/' },
    },
    {
      // Allowed: the files that its package.json exports.
      name: 'the-local-aws-is-reached-through-its-exports',
      severity: 'error',
      from: { path: '^(src|cdk)/' },
      to: {
        path: '^packages/',
        pathNot: '^packages/local-aws/src/(index|client-config|errors|lambda|models).ts$',
      },
    },
    {
      name: 'only-the-command-and-the-local-pipeline-emulate',
      severity: 'error',
      from: { path: '^(src|cdk)/', pathNot: '^src/(local|cli)/' },
      to: { path: '^packages/' },
    },
    {
      name: 'nothing-imports-examples',
      severity: 'error',
      from: { path: '^(src|cdk|packages)/' },
      to: { path: '^examples/' },
    },
    // A copied example must work, so it imports the package by name; tsconfig.json maps the name to the source.
    ...[
      { path: '^(src|cdk|packages|test|bench|scripts|dist)/', pathNot: '^src/config.ts$' },
      { path: '^src/', dependencyTypes: ['local'] },
    ].map((to) => ({
      name: 'examples-import-what-is-published',
      severity: 'error',
      from: { path: '^examples/' },
      to,
    })),
    {
      name: 'nothing-imports-cdk',
      severity: 'error',
      from: { path: '^src' },
      to: { path: '^cdk' },
    },
    {
      name: 'cdk-imports-core',
      severity: 'error',
      from: { path: '^cdk' },
      to: { path: '^src/', pathNot: '^src/core/' },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.js'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'types'],
    },
  },
};
