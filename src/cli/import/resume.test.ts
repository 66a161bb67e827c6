import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  copyFileSync,
  existsSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { describe, expect, it } from 'vitest'
import { commandLine, folderForTest } from '../../../test/command-line.ts'
import { newPersonId } from '../../person/ids.ts'
import { checkDatabase } from '../../store/check.ts'
import { openLedger } from './ledger.ts'
import { journalOf } from './resume.ts'

const count = 8_000

/** Managers come before and after those who report to them, and every hundredth row is refused. */
const rowOf = (index: number): string => {
  const bad = index % 100 === 99
  const manager = index % 3 === 0 ? `user${(index * 7919) % count}` : ''
  const mail = index % 10 === 0 ? `user${index}@example.com` : ''
  return `user${index},${bad ? 'Mars' : 'UTC'},${manager},Team ${index % 20},${mail}`
}

const rows = `userName,TZ,Manager,Groups,Mail\n${Array.from({ length: count }, (_, index) => rowOf(index)).join('\n')}\n`

async function place() {
  const folder = folderForTest()
  const line = commandLine(folder)
  await line.kithd('org', 'create', 'Acme')
  const file = join(folder, 'people.csv')
  writeFileSync(file, rows)
  return { ...line, folder, file, journal: journalOf(file) }
}

/** Starts an import and kills it a while after it has said that some rows are safe. */
async function killed(
  { file, env }: Awaited<ReturnType<typeof place>>,
  after: number,
  ...flags: readonly string[]
): Promise<boolean> {
  const child = spawn(process.execPath, ['bin/kithd.js', 'import', file, ...flags], { env })
  await Promise.race([committed(child, 1 + after), once(child, 'close')])
  await pause((after * 37) % 50)
  const alive = child.exitCode === null
  child.kill('SIGKILL')
  if (alive) await once(child, 'close')
  return alive
}

/** Resolves with the so manieth batch. */
function committed(child: ChildProcess, batches: number): Promise<void> {
  let seen = 0
  return new Promise((resolve) => {
    child.stdout?.on('data', (data) => {
      seen += String(data).split('committed').length - 1
      if (seen >= batches) resolve()
    })
  })
}

/** All that an import decides, without what is drawn by lot. */
function stateOf(database: string) {
  const handle = new DatabaseSync(database, { readOnly: true })
  try {
    return handle
      .prepare(
        `select p.user_name_key as name, p.record ->> 'timeZone' as zone, m.user_name_key as manager,
          (select group_concat(g.name) from membership b join people_group g on g.id = b.group_id
            where b.person_id = p.id) as teams
        from person p left join person m on m.id = p.manager_id order by p.user_name_key`,
      )
      .all()
  } finally {
    handle.close()
  }
}

describe('an import that is killed again and again', () => {
  it('ends with --resume as it would have ended, without a row twice', {
    timeout: 240_000,
  }, async () => {
    const whole = await place()
    const { code } = await whole.kithd('import', whole.file)
    expect(code).toBe(2)

    const broken = await place()
    let kills = 0
    for (let round = 0; round < 5; round += 1) {
      if (await killed(broken, 2 + round * 3, '--resume')) kills += 1
      expect(checkDatabase(broken.database).faults).toEqual([])
    }
    expect(kills).toBeGreaterThan(2)
    const last = await broken.kithd('import', broken.file, '--resume')
    expect(last.code).toBe(2)
    expect(stateOf(broken.database)).toEqual(stateOf(whole.database))
    const twice = new DatabaseSync(broken.database, { readOnly: true })
      .prepare('select count(*) - count(distinct user_name_key) as twice from person')
      .get()
    expect(twice).toEqual({ twice: 0 })
    expect(existsSync(broken.journal)).toBe(false)

    // Every row was counted, whoever met it.
    const sum = /(\d+) created, (\d+) changed, (\d+) unchanged, (\d+) rejected/.exec(last.stdout)
    const [created = 0, changed = 0, unchanged = 0, rejected = 0] = (sum ?? []).slice(1).map(Number)
    expect(created + changed + unchanged + rejected).toBe(count)
    expect(rejected).toBe(count / 100)
  })
})

describe('--resume', () => {
  it('goes on after what was safe, and does not read the rest again', {
    timeout: 60_000,
  }, async () => {
    const one = await place()
    while (!(await safeRows(one))) await killed(one, 11)
    const rows = await safeRows(one)
    expect(statSync(one.journal).mode & 0o777).toBe(0o600)
    const { stderr, stdout } = await one.kithd('import', one.file, '--resume')
    expect(stderr).toContain(`resumed after ${rows} rows`)
    expect(Number(/committed (\d+)/.exec(stdout)?.[1])).toBeGreaterThan(rows)
    expect(existsSync(one.journal)).toBe(false)
  })

  it('is refused when the file, the columns left out or the database is another', {
    timeout: 60_000,
  }, async () => {
    const one = await place()
    const before = join(one.folder, 'before.db')
    const small = join(one.folder, 'small.csv')
    writeFileSync(small, 'userName\nzoe\n')
    await one.kithd('import', small)
    copyFileSync(one.database, before)
    while (!(await safeRows(one))) await killed(one, 11)
    const refusal = async (...flags: readonly string[]) =>
      (await one.kithd('import', one.file, '--resume', ...flags)).stderr

    expect(await refusal('--ignore', 'Mail')).toMatch(/left out other columns/)
    expect(await refusal('--database', before)).toMatch(/the database lacks what that import has/)
    const { mtime } = statSync(one.file)
    utimesSync(one.file, mtime, new Date(mtime.valueOf() - 60_000))
    expect(await refusal()).toMatch(/the file is another, or was changed/)
    utimesSync(one.file, mtime, mtime)
    appendFileSync(one.file, 'more,,,,\n')
    expect(await refusal()).toMatch(/the file is another, or was changed/)

    // Nothing of this has done any harm: anew, it goes through.
    const { stderr, stdout } = await one.kithd('import', one.file)
    expect(stderr).toMatch(/was broken off after \d+ rows; this one begins anew/)
    expect(stdout).toMatch(/80 rejected/)
  })

  it('begins at the beginning where there is nothing to go on from', async () => {
    const one = await place()
    writeFileSync(one.file, 'userName\nada\n')
    const { code, stderr } = await one.kithd('import', one.file, '--resume')
    expect({ code, stderr }).toEqual({
      code: 0,
      stderr: `There is no ${one.journal}; the import begins at the beginning\n`,
    })
  })
})

/** How many rows the journal says are safe; nothing that is not on disk counts. */
async function safeRows({ journal }: { journal: string }): Promise<number> {
  if (!existsSync(journal)) return 0
  const ledger = openLedger(journal)
  const rows = ledger.safe?.rows ?? 0
  ledger.close()
  return rows
}

describe('what is remembered of each row', () => {
  it('is on disk, with a bounded part of it in memory', () => {
    const ledger = openLedger()
    const before = process.memoryUsage()
    const ids = Array.from({ length: 1000 }, newPersonId)
    for (let line = 0; line < 200_000; line += 1) {
      const personId = line < 1000 ? (ids[line] ?? newPersonId()) : newPersonId()
      ledger.noteFirstLine(personId, line)
      ledger.await({ personId, line, label: 'Manager', name: 'somebody', outcome: 'created' })
    }
    const after = process.memoryUsage()
    // 16 MiB of it are held, and a little of everything else.
    expect(after.rss - before.rss).toBeLessThan(80 * 2 ** 20)
    for (const [line, id] of ids.entries()) expect(ledger.firstLine(id)).toBe(line)
    expect(ledger.waitingAfter(150_000, 2).map(({ line }) => line)).toEqual([150_001, 150_002])
    ledger.close()
  })
})
