import js from '@eslint/js';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const tests = ['**/*.test.ts', '**/*.cases.ts', 'e2e/test/**/*.ts', 'e2e/soak/**/*.ts'];

const bannedSyntax = [
  { selector: 'ExportDefaultDeclaration', message: 'Exports are named.' },
  {
    selector: 'ClassDeclaration[id.name=/(Manager|Impl)$/]',
    message: 'Name the class after what it is, not Manager or Impl.',
  },
  {
    selector: 'MemberExpression[object.name=/^(describe|it|test)$/][property.name="only"]',
    message: 'A focused test hides all the others.',
  },
];

export default defineConfig(
  globalIgnores(['**/dist/', '**/coverage/', '.images/', '.jest/', 'proto/src/generated/', 'data/', 'state/']),
  { linterOptions: { reportUnusedDisableDirectives: 'error' } },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: {
      parserOptions: { project: './tsconfig.test.json', tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      eqeqeq: 'error',
      'no-restricted-syntax': ['error', ...bannedSyntax],
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-misused-promises': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', ignoreRestSiblings: true },
      ],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // An async method that awaits nothing is how a synchronous implementation meets an asynchronous contract.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['*/src/**/*.ts'],
    ignores: ['**/config/env.ts', '**/needed-program.cases.ts', 'e2e/**', 'bench/**'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'process', property: 'env', message: 'Only config/env.ts reads the environment.' },
      ],
      'no-restricted-imports': [
        'error',
        {
          paths: ['process', 'node:process'].map((name) => ({
            name,
            importNames: ['env'],
            message: 'Only config/env.ts reads the environment.',
          })),
        },
      ],
    },
  },
  {
    files: ['**/util.ts', '**/utils.ts', '**/helper.ts', '**/helpers.ts', '**/{util,utils,helper,helpers}/**/*.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        ...bannedSyntax,
        { selector: 'Program', message: 'A file is named after the one thing that it exports.' },
      ],
    },
  },
  {
    files: tests,
    rules: {
      // jest types its asymmetric matchers, such as expect.any(String), as any.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      // expect(object.method) is how a spy is looked at.
      '@typescript-eslint/unbound-method': 'off',
    },
  },
  {
    files: ['**/*.mjs', '**/*.cjs', '**/*.js'],
    languageOptions: {
      globals: {
        AbortSignal: 'readonly',
        console: 'readonly',
        fetch: 'readonly',
        module: 'writable',
        process: 'readonly',
        URL: 'readonly',
      },
    },
  },
);
