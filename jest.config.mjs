// The packages are ES modules for Node; for jest, swc turns them into CommonJS, which its module registry and mocks
// handle best. Worker threads start outside of jest and are not transformed: import with `.ts` specifiers, so that Node
// strips the types itself, or test them on the build.

const project = (displayName, testMatch) => ({
  displayName,
  testMatch,
  testEnvironment: 'node',
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      {
        sourceMaps: 'inline',
        jsc: { target: 'es2024', parser: { syntax: 'typescript' } },
        module: { type: 'commonjs' },
      },
    ],
  },
  moduleFileExtensions: ['ts', 'js', 'mjs', 'cjs', 'json', 'node'],
  moduleNameMapper: { '^@headgate/([a-z0-9-]+)/(.*)$': '<rootDir>/$1/src/$2.ts' },
  modulePathIgnorePatterns: ['<rootDir>/[a-z0-9-]+/dist/', '<rootDir>/.images/'],
});

const unit = project('unit', ['<rootDir>/{shared,proto,control-plane,data-plane,bench}/src/**/*.test.ts']);
// Boots the built planes as processes of their own, one test file after the other (`make e2e`).
const e2e = project('e2e', ['<rootDir>/e2e/{src,test}/**/*.test.ts']);
const soak = project('soak', ['<rootDir>/e2e/soak/**/*.test.ts']);

export default {
  testTimeout: 30_000,
  projects: process.env.HEADGATE_SOAK ? [soak] : [unit, e2e],
};
