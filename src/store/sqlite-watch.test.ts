import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, expect, it, onTestFinished } from 'vitest'
import * as cast from '../../test/cast.ts'
import { Footprint, factOf } from '../footprint/footprint.ts'
import { sqliteStore } from './sqlite.ts'
import { kyselyOver } from './sqlite-adapter.ts'
import { guardOf } from './sqlite-guard.ts'
import { runnerOf } from './sqlite-runner.ts'
import { watchOver } from './sqlite-watch.ts'

const root = mkdtempSync(join(tmpdir(), 'kith-watch-'))
afterAll(() => rmSync(root, { recursive: true }))
const at = new Date(cast.testNow).toISOString()
const { home } = cast.organizations

/** A watch over a database to which another store writes, how often it asked SQLite, and what its guard tells it. */
async function watching(mayHaveNews?: () => boolean) {
  const path = join(mkdtempSync(join(root, 'db-')), 'kith.db')
  const store = await sqliteStore(path, () => cast.testNow)
  const reader = new DatabaseSync(path, { readOnly: true })
  const guard = guardOf(path)
  onTestFinished(async () => {
    reader.close()
    await store.close()
    guard.close()
  })
  let asked = 0
  const counting = {
    prepare(sql: string) {
      const statement = reader.prepare(sql)
      if (!sql.includes('data_version')) return statement
      return {
        get() {
          asked += 1
          return statement.get()
        },
      }
    },
  }
  const marks = { refuses: false }
  const heed = () => {
    if (marks.refuses) throw new Error('another Kith')
  }
  const watch = watchOver(
    kyselyOver(reader),
    counting as unknown as DatabaseSync,
    runnerOf(reader),
    {
      heed,
      mayHaveNews: mayHaveNews ?? guard.mayHaveNews,
    },
  )
  let version = 0
  const save = () => {
    version += 1
    const person = { ...cast.ada, title: `Title ${version}`, version }
    const organization = { kind: 'organization', organization: home } as const
    return store.commit(
      [...(version === 1 ? [organization] : []), { kind: 'person', person }],
      'test',
      at,
    )
  }
  await save()
  watch.look()
  /** Of something that is read of ada by now. */
  const footprint = () => {
    const own = new Footprint(watch.moment)
    own.reads(factOf('person', cast.ada.id))
    return own
  }
  return { watch, save, footprint, marks, asked: () => asked }
}

it('asks SQLite where somebody committed, and not each time', async () => {
  const { watch, save, footprint, asked } = await watching()
  const before = asked()
  for (let time = 0; time < 50; time += 1) watch.look()
  expect(asked() - before).toBeLessThan(5)
  for (let time = 0; time < 20; time += 1) {
    const old = footprint()
    await save()
    watch.look()
    expect(watch.stands(old, 0)).toBe(false)
    expect(watch.stands(footprint(), 0)).toBe(true)
  }
})

it('makes up for a look that did not come to its end', async () => {
  const { watch, save, footprint, marks } = await watching()
  const old = footprint()
  await save()
  marks.refuses = true
  for (let time = 0; time < 3; time += 1) expect(() => watch.look()).toThrow('another Kith')
  marks.refuses = false
  watch.look()
  expect(watch.stands(old, 0)).toBe(false)
})

it('is a tenth of a second late at most, once, where the index tells nothing', async () => {
  const { watch, save, footprint } = await watching(() => false)
  const old = footprint()
  await save()
  await pause(110)
  watch.look()
  expect(watch.stands(old, 0)).toBe(false)
  for (let time = 0; time < 5; time += 1) {
    const next = footprint()
    await save()
    watch.look()
    expect(watch.stands(next, 0)).toBe(false)
  }
})

it('knows of its own commits at once, where the index tells nothing', async () => {
  const { watch, save, footprint } = await watching(() => false)
  const old = footprint()
  await save()
  watch.lookAfterOwn()
  expect(watch.stands(old, 0)).toBe(false)
})
