/** ES modules through swc; `NODE_OPTIONS=--experimental-vm-modules` comes from the npm scripts. */
const transform = {
  '^.+\\.tsx?$': [
    '@swc/jest',
    {
      jsc: {
        parser: { syntax: 'typescript', tsx: true },
        target: 'es2022',
        transform: { react: { runtime: 'automatic' } },
      },
      module: { type: 'es6' },
    },
  ],
};

export default {
  testMatch: ['<rootDir>/**/*.test.ts', '<rootDir>/**/*.test.tsx'],
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/.cache/'],
  modulePathIgnorePatterns: ['/dist/', '/.cache/'],
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  moduleNameMapper: { '^(\\.{1,2}/.*)\\.js$': '$1' },
  transform,
  testEnvironment: 'node',
  globalSetup: '<rootDir>/deploy/test/global-setup.mjs',
  globalTeardown: '<rootDir>/deploy/test/global-teardown.mjs',
  testTimeout: 120_000,
  maxWorkers: 2,
  // Modules and WASM memories of past test files stay in a worker: above this it makes room for a new one.
  workerIdleMemoryLimit: '1GB',
};
