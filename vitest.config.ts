import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{src,test}/**/*.test.ts'],
    globalSetup: ['test/log-audit.ts', 'test/postgres-worlds.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
    // Much of the time goes by in processes that tests start: a core left for the runner would be one that waits.
    maxWorkers: '100%',
  },
})
