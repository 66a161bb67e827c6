// The tests of the dialects with their worlds on PostgreSQL; in memory they are a part of `vitest run`. With `--telling` no more
// than what `npm test` always runs. Where there is no PostgreSQL it says so, and fails in CI.
import { spawnSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { hasPostgres } from './postgres-cluster.ts'

const folder = 'src/dialects'

/** What every dialect has to do, but for what is the same once more for each field and audience: each takes a database. */
const pattern =
  'every dialect (?!.*(for (connections|event|organization) exactly|a hidden (?!contact )))'

/** The tests that begin with `speaks(…)`. */
const speaking = (): readonly string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => `${folder}/${name}`)
    .filter((path) => /^speaks\(/m.test(readFileSync(path, 'utf8')))

if (hasPostgres()) {
  const chosen = process.argv.includes('--telling')
    ? ['-t', pattern, '--reporter=minimal', ...speaking()]
    : [folder]
  const { status } = spawnSync('vitest', ['run', ...chosen], {
    stdio: 'inherit',
    env: { ...process.env, KITH_TEST_STORE: 'postgres' },
  })
  process.exitCode = status ?? 1
}
