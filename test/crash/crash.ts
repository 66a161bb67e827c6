// Kills processes that write, at random moments, and looks at what they leave. Read this first, then writer.ts.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { setTimeout as pause } from 'node:timers/promises'
import { issueKey } from '../../src/access/key.ts'
import { createRandom, type Random } from '../../src/demo/random.ts'
import type { Organization, Write } from '../../src/directory/ports.ts'
import { newPerson } from '../../src/person/draft.ts'
import { newOrganizationId } from '../../src/person/ids.ts'
import { checkDatabase } from '../../src/store/check.ts'
import { sqliteStore } from '../../src/store/sqlite.ts'

/** What the writer says of a commit as soon as it is acknowledged. */
export type Acknowledged =
  | {
      readonly kind: 'admitted'
      readonly personId: string
      readonly groupId: string
      readonly keyId: string
    }
  | { readonly kind: 'retitled'; readonly title: string; readonly version: number }

export interface Crashes {
  readonly times: number
  readonly seed: number
  /** Hears of each round. */
  readonly say?: (line: string) => void
}

/** What was seen in all rounds together. */
export interface Seen {
  importsKilled: number
  /** Imports that ended before they were to be killed. */
  importsEnded: number
  importedRows: number
  writersKilled: number
  /** Writers that were killed before they had acknowledged anything. */
  writersKilledEarly: number
  acknowledged: number
  /** Commits that were done, but not acknowledged any more. */
  unheard: number
  serversKilled: number
  answers: number
  people: number
  changes: number
}

const root = join(import.meta.dirname, '../..')
const kithd = join(root, 'bin/kithd.js')
/** Rows of each import: two commits of the importer's, and a part of one. */
const importRows = 1_200
const importBatch = 500

/**
 * Round after round on one database, whose damage, if there is any, adds up. @throws Error that says what is wrong
 * with what a killed process left
 */
export async function crash({ times, seed, say = () => {} }: Crashes): Promise<Seen> {
  const folder = mkdtempSync(join(tmpdir(), 'kith-crash-'))
  const random = createRandom(seed)
  try {
    const place = await furnish(folder)
    for (let round = 1; round <= times; round += 1) {
      const kinds = [importRound, singleRound, importRound, singleRound, importRound, serverRound]
      const told = await kinds[round % kinds.length]?.(place, round, random)
      await verify(place, round)
      say(`round ${round}: ${told}`)
    }
    return place.seen
  } finally {
    for (const child of running) child.kill('SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
}

const running = new Set<ChildProcess>()
/** What they have said is wrong. */
const complaints: string[] = []

/** What is thrown for a process that ends before anybody has killed it. */
const endedByItself = (what: string) =>
  new Error(`The ${what} ended by itself: ${complaints.slice(-5).join('')}`)

interface Place {
  readonly folder: string
  readonly database: string
  readonly organization: Organization
  /** Opens the server. */
  readonly secret: string
  /** All that was acknowledged in any round. */
  readonly admitted: Extract<Acknowledged, { kind: 'admitted' }>[]
  /** The least version that the two with the same title may have. */
  version: number
  /** The rows that the last import of each file said were safe, by round. */
  imported: { round: number; rows: number }
  readonly seen: Seen
}

async function furnish(folder: string): Promise<Place> {
  const database = join(folder, 'kith.db')
  const store = await sqliteStore(database, Date.now)
  const at = new Date().toISOString()
  const organization: Organization = {
    id: newOrganizationId(),
    name: 'Crash',
    timeZone: 'UTC',
    audiences: {},
    manages: [],
  }
  const pair = ['left', 'right'].map((userName): Write => {
    return {
      kind: 'person',
      person: newPerson({ organizationId: organization.id, userName, title: 'Title 1' }, at),
    }
  })
  const { key, secret } = issueKey({
    organizationId: organization.id,
    service: 'crash',
    role: 'owner',
    createdAt: at,
  })
  const writes: Write[] = [{ kind: 'organization', organization }, ...pair, { kind: 'key', key }]
  await store.commit(writes, 'crash', at)
  await store.close()
  const seen: Seen = {
    importsKilled: 0,
    importsEnded: 0,
    importedRows: 0,
    writersKilled: 0,
    writersKilledEarly: 0,
    acknowledged: 0,
    unheard: 0,
    serversKilled: 0,
    answers: 0,
    people: 0,
    changes: 0,
  }
  const imported = { round: 0, rows: 0 }
  return { folder, database, organization, secret, admitted: [], version: 1, imported, seen }
}

// The rounds.

/** Runs Node, and hears every line that it prints, up to the last one before its end. */
function run(args: readonly string[], heard: (line: string) => void): ChildProcess {
  const child = spawn(process.execPath, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  child.stderr.on('data', (data) => complaints.push(String(data)))
  child.once('close', () => running.delete(child))
  let rest = ''
  child.stdout.on('data', (data) => {
    const lines = `${rest}${data}`.split('\n')
    rest = lines.pop() ?? ''
    for (const line of lines) heard(line)
  })
  return child
}

/** True when it was still alive. */
async function kill(child: ChildProcess): Promise<boolean> {
  const alive = child.exitCode === null
  if (alive) {
    const closed = once(child, 'close')
    child.kill('SIGKILL')
    await closed
  }
  return alive
}

/** The writer in a process of its own, and what it has acknowledged so far. */
export function startWriter(database: string, round: number) {
  const acknowledged: Acknowledged[] = []
  const first = Promise.withResolvers<void>()
  const child = run([join(import.meta.dirname, 'writer.ts'), database, `${round}`], (line) => {
    acknowledged.push(JSON.parse(line))
    first.resolve()
  })
  child.once('exit', (_, signal) => {
    if (!signal) first.reject(endedByItself('writer'))
  })
  first.promise.catch(() => {})
  return { child, acknowledged, first: first.promise }
}

/** Remembers what has to be there from now on. */
function note(place: Place, acknowledged: readonly Acknowledged[]): void {
  place.seen.writersKilled += 1
  place.seen.acknowledged += acknowledged.length
  if (acknowledged.length === 0) place.seen.writersKilledEarly += 1
  for (const one of acknowledged) {
    if (one.kind === 'admitted') place.admitted.push(one)
    else place.version = Math.max(place.version, one.version)
  }
}

async function singleRound(place: Place, round: number, random: Random): Promise<string> {
  const { child, acknowledged, first } = startWriter(place.database, round)
  // One in three is killed while it starts: opening the database is where a log is recovered.
  const early = random.chance(1 / 3)
  if (!early) await first
  await pause(random.below(early ? 600 : 250))
  await kill(child)
  note(place, acknowledged)
  return `writer killed after ${acknowledged.length} acknowledged commits`
}

async function importRound(place: Place, round: number, random: Random): Promise<string> {
  const file = join(place.folder, `${round}.jsonl`)
  const rows = Array.from({ length: importRows }, (_, index) =>
    JSON.stringify({
      userName: `import-${index}`,
      title: `Round ${round}`,
      groups: [`Team ${index % 40}`],
    }),
  )
  writeFileSync(file, rows.join('\n'))
  let committed = 0
  const heard = Promise.withResolvers<void>()
  const args = [kithd, 'import', file, '--database', place.database]
  const child = run(args, (line) => {
    committed = Number(/^committed (\d+)$/.exec(line)?.[1] ?? committed)
    heard.resolve()
  })
  const ended = once(child, 'close')
  // Most within the work, some while it starts.
  if (random.chance(0.7)) await Promise.race([heard.promise, ended])
  await Promise.race([pause(random.below(400)), ended])
  const killed = await kill(child)
  if (!killed && child.exitCode !== 0) throw endedByItself('import')
  place.seen[killed ? 'importsKilled' : 'importsEnded'] += 1
  place.seen.importedRows += committed
  place.imported = { round, rows: committed }
  return `import ${killed ? 'killed' : 'ended'} after ${committed} rows`
}

/** A server is killed while somebody reads from it and another process writes, and starts again. */
async function serverRound(place: Place, round: number, random: Random): Promise<string> {
  const first = await startServer(place)
  const writer = startWriter(place.database, round)
  let answers = 0
  const reading = (async () => {
    for (;;) {
      const status = await readFrom(first.url, place).catch(() => undefined)
      if (status === undefined) return
      if (status !== 200) throw new Error(`A read was answered ${status}`)
      answers += 1
    }
  })()
  await writer.first
  await pause(random.below(300))
  await kill(first.child)
  await reading
  const again = await startServer(place)
  const ready = await fetch(`${again.url}/readyz`)
  if (ready.status !== 200) throw new Error(`After it was killed, the server is ${ready.status}`)
  await kill(writer.child)
  const status = await readFrom(again.url, place)
  if (status !== 200) throw new Error(`After it was killed, the server answers ${status}`)
  await kill(again.child)
  place.seen.serversKilled += 2
  place.seen.answers += answers
  note(place, writer.acknowledged)
  return `server killed after ${answers} answers`
}

async function startServer(place: Place): Promise<{ child: ChildProcess; url: string }> {
  const listening = Promise.withResolvers<string>()
  const args = ['serve', '--port', '0', '--database', place.database, '--log-level', 'silent']
  const child = run([kithd, ...args], (line) => {
    const [, url] = /listening on (\S+)/.exec(line) ?? []
    if (url) listening.resolve(url)
  })
  child.once('close', () => listening.reject(endedByItself('server')))
  listening.promise.catch(() => {})
  return { child, url: await listening.promise }
}

async function readFrom(url: string, { secret }: Place): Promise<number> {
  const headers = { authorization: `Bearer ${secret}` }
  const reply = await fetch(`${url}/api/2.0/people/left`, { headers })
  await reply.arrayBuffer()
  return reply.status
}

// What is left.

async function verify(place: Place, round: number): Promise<void> {
  const wrong = (what: string): never => {
    throw new Error(`After round ${round}: ${what}`)
  }
  const { contents, faults } = checkDatabase(place.database)
  if (!contents || faults.length > 0) return wrong(JSON.stringify(faults))
  place.seen.people = contents.people
  place.seen.changes = contents.changes

  const handle = new DatabaseSync(place.database, { readOnly: true })
  try {
    verifyAdmitted(handle, place, wrong)
    verifyPair(handle, place, wrong)
    verifyImported(handle, place, wrong)
  } finally {
    handle.close()
  }
  await writeOnce(place, round)
}

function verifyAdmitted(handle: DatabaseSync, place: Place, wrong: (what: string) => never): void {
  const whole = handle.prepare(`
    select count(*) as whole from person p
    join access_key k on k.person_id = p.id
    join membership m on m.person_id = p.id
    join people_group g on g.id = m.group_id
    where p.id = ? and k.id = ? and g.id = ?`)
  for (const { personId, groupId, keyId } of place.admitted) {
    const found = whole.get(personId, keyId, groupId)
    if (found?.whole !== 1) wrong(`an acknowledged commit is not there: person ${personId}`)
  }
  const counts = handle
    .prepare(`
      select (select count(*) from person where user_name_key like 'single-%') as people,
        (select count(*) from people_group where name_key like 'single-%') as groups,
        (select count(*) from access_key where person_id is not null) as keys,
        (select count(*) from membership m join people_group g on g.id = m.group_id
          where g.name_key like 'single-%') as members`)
    .get() as Record<string, number>
  if (new Set(Object.values(counts)).size !== 1) {
    wrong(`a commit is there by half: ${JSON.stringify(counts)}`)
  }
  place.seen.unheard = (counts.people ?? 0) - place.admitted.length
}

function verifyPair(handle: DatabaseSync, place: Place, wrong: (what: string) => never): void {
  const pair = handle
    .prepare(`select version, record ->> 'title' as title from person
      where user_name_key in ('left', 'right')`)
    .all()
  const [left, right] = pair
  if (!left || !right || left.title !== right.title || left.version !== right.version) {
    wrong(`two people who get their titles together have ${JSON.stringify(pair)}`)
  }
  if (Number(left?.version) < place.version) {
    wrong(`version ${place.version} was acknowledged, and version ${left?.version} is there`)
  }
}

function verifyImported(handle: DatabaseSync, place: Place, wrong: (what: string) => never): void {
  const { round, rows } = place.imported
  const people = handle
    .prepare(`
      select cast(substr(user_name_key, 8) as integer) as number, record ->> 'title' as title,
        (select count(*) from membership m where m.person_id = person.id) as teams
      from person where user_name_key like 'import-%' order by number`)
    .all() as { number: number; title: string; teams: number }[]
  const current = people.filter(({ title }) => title === `Round ${round}`)
  const inOrder = current.every(({ number }, index) => number === index)
  if (!inOrder || current.length < rows) {
    wrong(`${rows} rows were acknowledged, and ${current.length} are there`)
  }
  if (current.length % importBatch !== 0 && current.length !== importRows) {
    wrong(`a batch of an import is there by half: ${current.length} rows`)
  }
  const alone = people.find(({ teams }) => teams !== 1)
  if (alone) wrong(`row ${alone.number} of an import is there without its membership`)
}

/** The next write works, and is there when the database is opened again. */
async function writeOnce(place: Place, round: number): Promise<void> {
  const store = await sqliteStore(place.database, Date.now)
  const organization = { ...place.organization, name: `Crash ${round}` }
  await store.commit([{ kind: 'organization', organization }], 'crash', new Date().toISOString())
  await store.close()
}
