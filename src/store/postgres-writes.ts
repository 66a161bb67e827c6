import { crc32 } from 'node:zlib'
import type { Change } from '../directory/ports.ts'
import type { PersonId } from '../person/ids.ts'
import type { Person } from '../person/person.ts'
import type { Signals } from '../presence/presence.ts'
import { wordRules } from '../search/words.ts'
import { seenAt } from './beats.ts'
import { Damaged } from './damage.ts'
import type { Line } from './postgres-lines.ts'
import { isOvertaken } from './refusals.ts'
import { digestRow, wordRows } from './sql/digest.ts'
import { areSameRows, emailRows, personRow } from './sql/queries.ts'
import { asciiJson } from './sql/rows.ts'
import type { Tables } from './sql/tables.ts'

// What an import does a million times: any number of rows is one statement, and what does not wait for an answer goes out
// together. Whoever calls holds the counter.

type Written = 'person' | 'person_email' | 'person_word' | 'digest' | 'change' | 'presence'

/** The columns of each table and their types, in one order. */
const columns = {
  person: {
    ...{ id: 'text', number: 'bigint', organization_id: 'text', user_name_key: 'text' },
    ...{ external_id: 'text', manager_id: 'text', created_by_id: 'text', version: 'integer' },
    ...{ record: 'text', record_checksum: 'bigint', mention: 'text', mention_checksum: 'bigint' },
    ...{ sight: 'text', lifecycle: 'text' },
  },
  person_email: {
    ...{ organization_id: 'text', address_key: 'text', person_id: 'text', verified: 'integer' },
  },
  person_word: { organization_id: 'text', word: 'text', person_id: 'text', rules: 'integer' },
  digest: { person_id: 'text', name: 'text', account: 'text', contact: 'text', fields: 'text' },
  change: {
    ...{ sequence: 'bigint', entity: 'text', entity_id: 'text', person_id: 'text' },
    ...{ kind: 'text', actor: 'text', at: 'text' },
  },
  presence: { person_id: 'text', signals: 'text', checksum: 'bigint', revision: 'bigint' },
} as const satisfies { [Table in Written]: Record<keyof Tables[Table], string> }

/** Inserts any number of rows. */
async function insert<Table extends Written>(
  line: Line,
  table: Table,
  rows: readonly Tables[Table][],
  ending = '',
): Promise<void> {
  if (rows.length === 0) return
  const names = Object.keys(columns[table]) as (keyof Tables[Table] & string)[]
  const arrays = Object.values(columns[table]).map((type, index) => `$${index + 1}::${type}[]`)
  await line.run(
    `insert into ${table} (${names.join()}) select * from unnest(${arrays.join()}) ${ending}`,
    names.map((name) => rows.map((row) => row[name])),
  )
}

/** Everybody's rows, all of them new. */
export async function insertPeople(line: Line, people: readonly Person[]): Promise<void> {
  const digests = people.flatMap((person) => digestRow(person) ?? [])
  const words = people.flatMap((person) => wordRows(person.organizationId, digestRow(person)))
  await Promise.all([
    insert(line, 'person', people.map(personRow)),
    insert(line, 'person_email', people.flatMap(emailRows)),
    insert(line, 'digest', digests),
    insert(line, 'person_word', words),
  ])
}

type Digest = Tables['digest'] | undefined

/** @throws conflict when the stored version is not the one before */
export async function updatePerson(line: Line, person: Person): Promise<void> {
  const [before, emails, [digest]] = await Promise.all([
    line.all<Pick<Tables['person'], 'organization_id' | 'version'>>(
      'select organization_id, version from person where id = $1 for update',
      [person.id],
    ),
    line.all<Tables['person_email']>('select * from person_email where person_id = $1', [
      person.id,
    ]),
    line.all<Tables['digest']>('select * from digest where person_id = $1', [person.id]),
  ])
  if (before[0]?.version !== person.version - 1) throw isOvertaken('person')
  await Promise.all([
    replaceRow(line, person),
    replaceEmails(line, person, emails),
    ...replaceDigest(line, person, before[0].organization_id, digest),
  ])
}

function replaceRow(line: Line, person: Person): Promise<number> {
  const { id, ...row } = personRow(person)
  const changes = Object.keys(row).map((column, index) => `${column} = $${index + 2}`)
  return line.run(`update person set ${changes.join()} where id = $1`, [id, ...Object.values(row)])
}

/** Most changes leave the addresses alone: then nothing is written. */
async function replaceEmails(
  line: Line,
  person: Person,
  stored: readonly Tables['person_email'][],
): Promise<void> {
  const rows = emailRows(person)
  if (areSameRows(stored, rows)) return
  await Promise.all([
    line.run('delete from person_email where person_id = $1', [person.id]),
    insert(line, 'person_email', rows),
  ])
}

/** Most changes leave the words alone, too. */
function replaceDigest(
  line: Line,
  person: Person,
  organizationId: string,
  before: Digest,
): readonly Promise<unknown>[] {
  const now = digestRow(person)
  const replaced = [
    line.run('delete from digest where person_id = $1', [person.id]),
    insert(line, 'digest', now ? [now] : []),
  ]
  const isSame = wordRules.every((rule) => now?.[rule] === before?.[rule])
  if (isSame && organizationId === person.organizationId) return replaced
  const gone = wordRows(organizationId, before).map(({ word }) => word)
  return [
    ...replaced,
    line.run(
      'delete from person_word where organization_id = $1 and person_id = $2 and word = any($3::text[])',
      [organizationId, person.id, gone],
    ),
    insert(line, 'person_word', wordRows(person.organizationId, now)),
  ]
}

export const appendChanges = (line: Line, changes: readonly Change[]): Promise<void> =>
  insert(
    line,
    'change',
    changes.map((change) => ({
      sequence: change.sequence,
      entity: change.entity,
      entity_id: change.entityId,
      person_id: change.personId ?? null,
      kind: change.kind,
      actor: change.actor,
      at: change.at,
    })),
  )

// Signals.

export const putSignals = (
  line: Line,
  all: ReadonlyMap<PersonId, Signals>,
  revision: number,
): Promise<void> =>
  insert(
    line,
    'presence',
    [...all].map(([personId, one]) => {
      const signals = asciiJson(one)
      return { person_id: personId, signals, checksum: crc32(signals), revision }
    }),
    `on conflict (person_id) do update set
      signals = excluded.signals, checksum = excluded.checksum, revision = excluded.revision`,
  )

/** Of those who are there, what is on record of them. */
export async function storedSignals(
  line: Line,
  ids: readonly PersonId[],
): Promise<ReadonlyMap<PersonId, Signals | undefined>> {
  const rows = await line.all<{ id: PersonId; signals: string | null; checksum: number | null }>(
    `select p.id, s.signals, s.checksum from person p left join presence s on s.person_id = p.id
      where p.id = any($1::text[])`,
    [ids],
  )
  return new Map(rows.map(({ id, signals, checksum }) => [id, signalsFrom(signals, checksum)]))
}

/** Those who are not there, and those of whom no more is known than was, are left alone. @returns the others */
export async function putBeats(
  line: Line,
  times: readonly (readonly [PersonId, string])[],
  revision: number,
): Promise<readonly PersonId[]> {
  const stored = await storedSignals(
    line,
    times.map(([personId]) => personId),
  )
  const seen = new Map<PersonId, Signals>()
  for (const [personId, at] of times) {
    if (!stored.has(personId)) continue
    const before = stored.get(personId)
    const now = seenAt(before, at)
    if (now !== before) seen.set(personId, now)
  }
  await putSignals(line, seen, revision)
  return [...seen.keys()]
}

function signalsFrom(text: string | null, checksum: number | null): Signals | undefined {
  if (text === null) return undefined
  if (crc32(text) !== checksum) throw new Damaged('Signals are not as they were written')
  return JSON.parse(text)
}
