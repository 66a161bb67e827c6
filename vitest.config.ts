import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: ['{src,test}/**/*.test.ts'],
    globalSetup: ['test/log-audit.ts', 'test/postgres-worlds.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
})
