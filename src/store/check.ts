import { DatabaseSync } from 'node:sqlite'
import { isDeepStrictEqual } from 'node:util'
import { crc32 } from 'node:zlib'
import type { Checked, Contents, Fault, OnProgress } from '../directory/upkeep.ts'
import { connectionStates, type Meeting } from '../gatherings/gatherings.ts'
import type { Person } from '../person/person.ts'
import { folded } from '../person/text.ts'
import { wordRules } from '../search/words.ts'
import { whyNotUsed } from './sql/compatibility.ts'
import { bitOf, digestRow, wordRows } from './sql/digest.ts'
import { meetingRow, participantRows } from './sql/gatherings.ts'
import { migrationNames } from './sql/migrate.ts'
import { areSameRows, emailRows, keyChecksum, personRow } from './sql/queries.ts'
import { organizationSightOf } from './sql/sight.ts'

/** How many of each fault are named. */
const named = 5
/** How many rows go by between two words on progress. */
const stride = 500

/** Upkeep's `check`, in the same memory for a database of any size. */
export function checkDatabase(path: string, onProgress: OnProgress = () => {}): Checked {
  const faults = createFaults()
  let handle: DatabaseSync | undefined
  let contents: Contents | undefined
  try {
    handle = new DatabaseSync(path, { readOnly: true, timeout: 5_000 })
    handle.exec('BEGIN')
    if (!isKiths(handle, faults)) return { contents, faults: faults.all() }
    contents = contentsOf(handle)
    checkAll(handle, contents, faults, onProgress)
  } catch (error) {
    if (!isSqlite(error)) throw error
    faults.add('what can not be read', error.message)
  } finally {
    handle?.close()
  }
  return { contents, faults: faults.all() }
}

/** @throws Error of SQLite for what can't be counted */
export function contentsOf(handle: DatabaseSync): Contents {
  const one = (sql: string) => Number(Object.values(handle.prepare(sql).get() ?? {})[0])
  return {
    people: one('select count(*) from person'),
    organizations: one('select count(*) from organization'),
    changes: one('select count(*) from change'),
    bytes: one('pragma page_count') * one('pragma page_size'),
  }
}

type Row = Readonly<Record<string, string | bigint | null>>
type Faults = ReturnType<typeof createFaults>

function createFaults() {
  const found = new Map<string, { count: number; first: string[] }>()
  return {
    add(what: string, id: unknown): void {
      const fault = found.get(what) ?? { count: 0, first: [] }
      fault.count += 1
      if (fault.first.length < named) fault.first.push(String(id))
      found.set(what, fault)
    },
    all: (): Fault[] => [...found].map(([what, fault]) => ({ what, ...fault })),
  }
}

function isKiths(handle: DatabaseSync, faults: Faults): boolean {
  if (!hasTable(handle, 'migration')) {
    faults.add('no database of Kith', 'it has no table of migrations')
    return false
  }
  const mark = markIn(handle)
  if (mark !== undefined) {
    const why = whyNotUsed(mark, migrationNames)
    if (why !== undefined) faults.add('what this Kith can not use', why)
    return why === undefined
  }
  const done = handle.prepare('select name from migration').all()
  const unknown = done.filter(({ name }) => !migrationNames.includes(String(name)))
  for (const { name } of unknown) faults.add('steps of a newer version of Kith', name)
  return unknown.length === 0
}

/** Undefined in a database that is older than marks. */
function markIn(handle: DatabaseSync): string | undefined {
  if (!hasTable(handle, 'compatibility')) return undefined
  const row = handle.prepare('select step from compatibility').get()
  return row && String(row.step)
}

/** Each part of the work on its own, so that what stops one does not hide what the next would find. */
function checkAll(
  handle: DatabaseSync,
  { people, changes }: Contents,
  faults: Faults,
  onProgress: OnProgress,
): void {
  // Neither the pages nor the references tell how far they have come; each takes about as long as the records.
  const total = people * 3 + changes + 1
  let done = 0
  const went = (rows: number) => {
    done += rows
    onProgress(Math.min(1, done / total))
  }
  const parts: readonly (() => void)[] = [
    () => checkPages(handle, faults),
    () => went(people),
    () => checkReferences(handle, faults),
    () => went(people),
    () => checkLog(handle, faults, went),
    () => checkPeople(handle, faults, went),
    () => checkRows(handle, faults),
    () => checkWords(handle, faults),
    () => checkGroups(handle, faults),
    () => checkConnections(handle, faults),
    () => checkMeetings(handle, faults),
    () => checkCalendars(handle, faults),
    () => checkAgainstLog(handle, faults),
    () => went(total),
  ]
  for (const part of parts) {
    try {
      part()
    } catch (error) {
      if (!isSqlite(error)) throw error
      faults.add('what can not be read', error.message)
    }
  }
}

function checkPages(handle: DatabaseSync, faults: Faults): void {
  for (const row of handle.prepare('pragma integrity_check').iterate()) {
    if (row.integrity_check !== 'ok') {
      faults.add('pages and indexes that do not hold together', row.integrity_check)
    }
  }
}

function checkReferences(handle: DatabaseSync, faults: Faults): void {
  for (const { table, rowid } of handle.prepare('pragma foreign_key_check').iterate()) {
    faults.add('references to what is not there', `${table} ${rowid ?? ''}`.trim())
  }
}

/** Every row that `sql` finds, one at a time; `went` hears of every few hundred. */
function* rowsOf(
  handle: DatabaseSync,
  sql: string,
  went: (rows: number) => void = () => {},
): Generator<Row> {
  const statement = handle.prepare(sql)
  // A number that was never written may be larger than any that JavaScript can hold.
  statement.setReadBigInts(true)
  let count = 0
  for (const row of statement.iterate()) {
    yield row as Row
    count += 1
    if (count % stride === 0) went(stride)
  }
}

function checkLog(handle: DatabaseSync, faults: Faults, went: (rows: number) => void): void {
  let before = 0n
  for (const { sequence } of rowsOf(
    handle,
    'select sequence from change order by sequence',
    went,
  )) {
    if (sequence !== before + 1n) faults.add('gaps in the change log', `before ${sequence}`)
    before = BigInt(sequence ?? 0)
  }
}

function checkPeople(handle: DatabaseSync, faults: Faults, went: (rows: number) => void): void {
  const sql = `
    select person.*, coalesce(log.lines, 0) as lines from person left join (
      select entity_id, count(*) as lines from change where entity = 'person' group by entity_id
    ) log on log.entity_id = person.id`
  const beside = besideRecordsIn(handle)
  for (const row of rowsOf(handle, sql, went)) {
    const { id, version, lines } = row
    if (version !== lines) {
      faults.add('people whose version is not the number of their changes in the log', id)
    }
    checkRecord(row, beside, faults)
  }
}

/** What stands beside a person's record; undefined in a database that is older than it is. */
interface BesideRecords {
  addresses(id: Row[string]): readonly object[] | undefined
  /** A row or none. */
  digest(id: Row[string]): readonly object[] | undefined
  /** Those of `words` that stand in the index. */
  indexed(words: readonly Word[]): readonly object[] | undefined
}

type Word = ReturnType<typeof wordRows>[number]

function besideRecordsIn(handle: DatabaseSync): BesideRecords {
  const prepared = (table: string, condition: string) =>
    hasTable(handle, table)
      ? handle.prepare(`select * from ${table} where ${condition}`)
      : undefined
  const addresses = prepared('person_email', 'person_id = ?')
  const digest = prepared('digest', 'person_id = ?')
  const index = prepared('person_word', 'organization_id = ? and word = ? and person_id = ?')
  return {
    addresses: (id) => addresses?.all(id),
    digest: (id) => digest?.all(id),
    indexed: (words) =>
      index &&
      words.flatMap(({ organization_id, word, person_id }) =>
        index.all(organization_id, word, person_id),
      ),
  }
}

function checkRecord(row: Row, beside: BesideRecords, faults: Faults): void {
  const person = parsed(row.record)
  if (!person) {
    faults.add('people whose record can not be read', row.id)
    return
  }
  const { emails, digest, words, row: expected } = person
  const { record: _, record_checksum: __, mention, mention_checksum: ___, ...columns } = expected
  // In a database that is older than their freedom, those who are deleted have their names still.
  if (!('lifecycle' in row) && expected.lifecycle === 'deleted') {
    Object.assign(columns, { user_name_key: row.user_name_key, external_id: row.external_id })
  }
  for (const [column, value] of Object.entries(columns)) {
    if (column in row && !isSame(row[column], value)) {
      faults.add(`people whose ${column} is not the one in their record`, row.id)
    }
  }
  checkSum(row, 'record', 'record_checksum', 'people', faults)
  checkSum(row, 'mention', 'mention_checksum', 'people', faults)
  if ('mention' in row && !isDeepStrictEqual(json(row.mention), json(mention))) {
    faults.add('people whose mention is not the one in their record', row.id)
  }
  const id = row.id ?? null
  for (const [what, stored, rows] of [
    ['addresses', beside.addresses(id), emails],
    ['digests', beside.digest(id), digest],
    ['words in the index', beside.indexed(words), words],
  ] as const) {
    if (stored && !areSameRows(stored, rows)) {
      faults.add(`people whose ${what} are not those of their record`, row.id)
    }
  }
}

/** The rows that belong to a record, if it is one. */
function parsed(record: unknown) {
  try {
    const person = json(record) as Person
    const digest = digestRow(person)
    return {
      row: personRow(person),
      emails: emailRows(person),
      digest: digest ? [digest] : [],
      words: wordRows(person.organizationId, digest),
    }
  } catch {
    return undefined
  }
}

function json(text: unknown): unknown {
  try {
    return JSON.parse(String(text))
  } catch {
    return undefined
  }
}

const isSame = (stored: unknown, value: unknown): boolean =>
  typeof value === 'number' ? stored === BigInt(value) : stored === value

/** Nothing to hold it to in a database that is older than its checksums. */
function checkSum(row: Row, column: string, sum: string, what: string, faults: Faults): void {
  if (!(sum in row)) return
  if (row[sum] !== BigInt(crc32(String(row[column])))) {
    faults.add(`${what} whose ${column} is not as it was written`, row.id ?? row.person_id)
  }
}

function checkRows(handle: DatabaseSync, faults: Faults): void {
  for (const row of rowsOf(handle, 'select * from organization')) {
    if (!json(row.audiences)) faults.add('organizations whose audiences can not be read', row.id)
    checkSum(row, 'audiences', 'checksum', 'organizations', faults)
    checkSum(row, 'defaults', 'defaults_checksum', 'organizations', faults)
    if (row.defaults && !json(row.defaults)) {
      faults.add('organizations whose defaults can not be read', row.id)
    }
    checkSight(row, faults)
  }
  for (const row of rowsOf(handle, 'select * from presence')) {
    if (!json(row.signals)) faults.add('signals that can not be read', row.person_id)
    checkSum(row, 'signals', 'checksum', 'presences', faults)
  }
  for (const row of rowsOf(handle, 'select * from access_key')) {
    if (!('checksum' in row)) continue
    const text = Object.fromEntries(
      Object.entries(row).map(([name, value]) => [name, textOf(value)]),
    )
    const sum = keyChecksum(text as unknown as Parameters<typeof keyChecksum>[0])
    if (row.checksum !== BigInt(sum)) faults.add('keys that are not as they were written', row.id)
  }
}

function checkSight(row: Row, faults: Faults): void {
  const audiences = json(row.audiences)
  if (!('sight' in row) || !audiences) return
  if (row.sight !== organizationSightOf(audiences)) {
    faults.add('organizations whose sight is not that of their audiences', row.id)
  }
}

/** Each word that belongs to somebody was looked for by now: here are those that belong to nobody. */
function checkWords(handle: DatabaseSync, faults: Faults): void {
  if (!hasTable(handle, 'person_word')) return
  const rules = wordRules.map(
    (rule) => `iif(instr(d.${rule} || ' ', ' ' || w.word || ' '), ${bitOf(rule)}, 0)`,
  )
  const strays = `
    select w.person_id as id from person_word w
      left join digest d on d.person_id = w.person_id
      left join person p on p.id = w.person_id
    where w.rules is not ${rules.join(' + ')} or w.organization_id is not p.organization_id`
  for (const { id } of rowsOf(handle, strays))
    faults.add('words in the index that are nobody’s', id)
}

function checkGroups(handle: DatabaseSync, faults: Faults): void {
  for (const { id, name, name_key: key } of rowsOf(handle, 'select * from people_group')) {
    if (folded(String(name)) !== key)
      faults.add('groups whose name_key is not that of their name', id)
  }
  const looped = `
    with recursive inside(top, id) as (
      select group_id, child_id from group_nesting
      union select inside.top, n.child_id from group_nesting n join inside on n.group_id = inside.id)
    select top from inside where top = id`
  if (!hasTable(handle, 'group_nesting')) return
  for (const { top } of rowsOf(handle, looped)) faults.add('groups that contain themselves', top)
}

function checkConnections(handle: DatabaseSync, faults: Faults): void {
  const states: readonly unknown[] = connectionStates
  const blockers: readonly unknown[] = [undefined, null, 'one', 'other', 'both']
  for (const row of rowsOf(handle, 'select * from connection')) {
    const id = `${row.one_id},${row.other_id}`
    const ends = [row.requester_id, row.addressee_id].map(String).sort().join()
    if (ends !== id) faults.add('connections that are not between those who are named', id)
    if (!states.includes(row.state) || !blockers.includes(row.blocked_by)) {
      faults.add('connections in no state that there is', id)
    }
  }
}

function checkMeetings(handle: DatabaseSync, faults: Faults): void {
  if (!hasTable(handle, 'meeting')) return
  const sql = `
    select meeting.*, coalesce(log.lines, 0) as lines from meeting left join (
      select entity_id, count(*) as lines from change where entity = 'meeting' group by entity_id
    ) log on log.entity_id = meeting.id`
  const participants = handle.prepare('select * from meeting_participant where meeting_id = ?')
  for (const row of rowsOf(handle, sql)) {
    if (row.version !== row.lines) {
      faults.add('meetings whose version is not the number of their changes in the log', row.id)
    }
    checkSum(row, 'record', 'record_checksum', 'meetings', faults)
    const meeting = parsedMeeting(row.record)
    if (!meeting) {
      faults.add('meetings whose record can not be read', row.id)
      continue
    }
    for (const column of ['id', 'version', 'event_number'] as const) {
      if (!isSame(row[column], meeting.row[column])) {
        faults.add(`meetings whose ${column} is not the one in their record`, row.id)
      }
    }
    if (!areSameRows(participants.all(row.id ?? null), meeting.participants)) {
      faults.add('meetings whose participants are not those of their record', row.id)
    }
  }
}

/** The rows that belong to a meeting's record, if it is one. */
function parsedMeeting(record: unknown) {
  try {
    const meeting = json(record) as Meeting
    return { row: meetingRow(meeting), participants: participantRows(meeting) }
  } catch {
    return undefined
  }
}

/** Of several that overlap, two that follow each other do. */
function checkCalendars(handle: DatabaseSync, faults: Faults): void {
  if (!hasTable(handle, 'meeting_participant')) return
  const doubled = `
    select person_id, start_at from (
      select person_id, start_at, end_at,
        lead(start_at) over (partition by person_id order by start_at, end_at) as next
      from meeting_participant where state = 'booked')
    where next < end_at or end_at <= start_at`
  for (const { person_id, start_at } of rowsOf(handle, doubled)) {
    faults.add('people who are booked twice at a time', `${person_id} ${start_at}`)
  }
  const loose = `
    select distinct person_id from meeting_participant
    where person_id not in (select person_id from calendar)`
  for (const { person_id } of rowsOf(handle, loose)) {
    faults.add('people who have meetings and no calendar', person_id)
  }
}

const hasTable = (handle: DatabaseSync, name: string): boolean =>
  handle.prepare('select 1 from sqlite_schema where name = ?').get(name) !== undefined

const textOf = (value: Row[string] | undefined) => (value === null ? null : String(value))

/** What the log calls each table's rows. */
const logged: readonly (readonly [entities: string, table: string, id: string])[] = [
  [`'person'`, 'person', 'id'],
  [`'organization'`, 'organization', 'id'],
  [`'group'`, 'people_group', 'id'],
  [`'key'`, 'access_key', 'id'],
  [`'event'`, 'event', 'cast(number as text)'],
  [`'attendee'`, 'attendee', 'cast(number as text)'],
  [`'connection', 'block'`, 'connection', `one_id || ',' || other_id`],
  [`'meeting'`, 'meeting', 'id'],
]

function checkAgainstLog(handle: DatabaseSync, faults: Faults): void {
  // A database may be older than the table.
  const rowsIn = (table: string) =>
    hasTable(handle, table) ? table : '(select null as id where false)'
  for (const [entities, table, id] of logged) {
    const made = `select entity_id from (
        select entity_id, kind, max(sequence) from change
        where entity in (${entities}) and kind <> 'changed' group by entity_id)
      where kind = 'created'`
    for (const row of rowsOf(handle, `select ${id} as id from ${rowsIn(table)} except ${made}`)) {
      faults.add(`rows of ${table} that the change log does not know`, row.id)
    }
    for (const row of rowsOf(handle, `${made} except select ${id} from ${rowsIn(table)}`)) {
      faults.add(`rows of ${table} that the change log knows and that are not there`, row.entity_id)
    }
  }
  // A database that was begun before memberships were in the log has some that the log does not know.
  const lastWord = `
    select entity_id, person_id, kind, max(sequence) from change
    where entity = 'membership' group by entity_id, person_id`
  const sql = `
    select last.entity_id, last.person_id from (${lastWord}) last
    left join membership m on m.group_id = last.entity_id and m.person_id = last.person_id
    where (last.kind = 'created') <> (m.person_id is not null)`
  for (const row of rowsOf(handle, sql)) {
    faults.add('memberships that the change log contradicts', `${row.entity_id} ${row.person_id}`)
  }
}

const isSqlite = (error: unknown): error is Error => error instanceof Error && 'errcode' in error
