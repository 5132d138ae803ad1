/** Imports go one way: core <- worker | ops <- api | cli; local starts the worker and the api; cdk knows core only. */
const rooms = {
  core: [],
  worker: ['core'],
  ops: ['core'],
  api: ['core', 'ops'],
  pages: ['core', 'api'],
  guard: ['core', 'ops'],
  redrive: ['core', 'ops'],
  reconcile: ['core', 'ops'],
  generation: [],
  local: ['core', 'ops', 'api', 'worker'],
  cli: ['core', 'ops', 'local'],
};

module.exports = {
  forbidden: [
    { name: 'no-circular', severity: 'error', from: {}, to: { circular: true } },
    // The package of that name holds types only, in @types.
    {
      name: 'no-unresolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^aws-lambda$' },
    },
    {
      name: 'no-tests-in-sources',
      severity: 'error',
      from: { path: '^(src|cdk)' },
      to: { path: '^(test|bench|scripts)' },
    },
    {
      // The build bundles the packages that run; these only build and test, and nothing that runs may need them.
      name: 'no-tools-in-sources',
      severity: 'error',
      from: { path: '^(src|cdk)/', pathNot: '^cdk/app.ts$' },
      to: {
        path: 'node_modules/(esbuild|tsx|marked|@swc|typescript|vitest|fast-check|cdk-nag|playwright-core)/',
      },
    },
    ...Object.entries(rooms).map(([room, allowed]) => ({
      name: `${room}-imports-${allowed.join('-') || 'nothing'}`,
      severity: 'error',
      from: { path: `^src/${room}/` },
      to: { path: '^src/', pathNot: [room, ...allowed].map((name) => `^src/${name}/`) },
    })),
    {
      name: 'the-library-is-core-and-operations',
      severity: 'error',
      from: { path: '^src/index.ts$' },
      to: { path: '^src/', pathNot: '^src/(core|ops)/' },
    },
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
