const test = '\\.(test|cases)\\.ts$|/proxy/(conformance|headgate-engine/proofs)/|^e2e/(test|soak)/';
const plane = (name, other) => ({
  name: `${name}-stands-alone`,
  comment: 'The planes meet on the wire and nowhere else.',
  severity: 'error',
  from: { path: `^${name}/` },
  to: { path: `^(${other}|e2e|bench)/` },
});

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    {
      name: 'no-cycles',
      comment: 'Type imports count too: two files that need each other are one file, or lack a third.',
      severity: 'error',
      from: {},
      to: { circular: true },
    },
    {
      name: 'shared-depends-on-nothing-of-ours',
      severity: 'error',
      from: { path: '^shared/' },
      to: { path: '^(proto|control-plane|data-plane|e2e|bench)/' },
    },
    {
      name: 'proto-depends-on-shared-only',
      severity: 'error',
      from: { path: '^proto/' },
      to: { path: '^(control-plane|data-plane|e2e|bench)/' },
    },
    plane('control-plane', 'data-plane'),
    plane('data-plane', 'control-plane'),
    {
      name: 'generated-types-stay-at-the-wire',
      comment: 'Everyone else speaks in model values; the codec in proto translates.',
      severity: 'error',
      from: { pathNot: '^(proto/src|control-plane/src/stream|data-plane/src/sync|e2e/test|bench/src/fleet)/' },
      to: { path: '^proto/src/generated/' },
    },
    {
      name: 'no-drawer-files',
      comment: 'A file is named after the one thing that it exports.',
      severity: 'error',
      from: {},
      to: { path: ['/(util|helper)s?\\.ts$', '/(util|helper)s?/'], pathNot: 'node_modules' },
    },
    {
      name: 'no-tests-in-the-build',
      severity: 'error',
      from: { path: '^[a-z0-9-]+/src/', pathNot: test },
      to: { path: test },
    },
    {
      name: 'declared-dependencies-only',
      comment: "Hoisting makes undeclared packages importable; the package's own package.json must name them.",
      severity: 'error',
      from: { path: '^[a-z0-9-]+/src/', pathNot: test },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'resolvable',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^[a-z0-9-]+/(bin|dist)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.test.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json', '.d.ts'],
    },
  },
};
