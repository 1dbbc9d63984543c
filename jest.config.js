import { isBuilt } from './scripts/build-stamp.mjs';

/**
 * The components of the design system in one file, as the server has them (scripts/bundle-components.mjs), where dist/ is built
 * of the sources as they are, which `npm test` sees to: a suite with pages opens 1 600 files less.
 */
const components = isBuilt() ? { '/aksel\\.ts$': '<rootDir>/dist/src/web/ui/aksel.js' } : {};

/** Every suite runs as native ES modules; the database suites share one PostgreSQL started in globalSetup. */
export default {
  testEnvironment: 'node',
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  transform: {
    '^.+\\.tsx?$': [
      '@swc/jest',
      {
        jsc: {
          target: 'es2024',
          parser: { syntax: 'typescript', tsx: true },
          transform: { react: { runtime: 'automatic' } },
        },
        module: { type: 'es6' },
      },
    ],
  },
  moduleNameMapper: components,
  modulePathIgnorePatterns: ['<rootDir>/dist', '<rootDir>/data/'],
  testMatch: ['<rootDir>/test/**/*.test.ts', '<rootDir>/test/**/*.test.tsx'],
  setupFiles: ['<rootDir>/test/support/fixed-seed.js'],
  globalSetup: '<rootDir>/test/support/global-setup.ts',
  globalTeardown: '<rootDir>/test/support/global-teardown.ts',
  testSequencer: '<rootDir>/test/support/longest-first.js',
  reporters: ['default', '<rootDir>/test/support/closing-line-reporter.js'],
  testTimeout: 60_000,
  maxWorkers: 2,
  workerIdleMemoryLimit: '1500MB', // modules of finished suites stay in a worker's memory: a new one takes over
};
