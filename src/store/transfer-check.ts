import { createHash } from 'node:crypto'
import { crc32 } from 'node:zlib'
import type { Difference, Rows, TableChecked, Transferred } from '../directory/upkeep.ts'
import { keyChecksum } from './sql/queries.ts'
import type { Tables } from './sql/tables.ts'
import {
  type Copied,
  compareKeys,
  copiedTables,
  type Key,
  keyOf,
  type Row,
  rowsAfter,
  wordsOfKey,
} from './transfer-rows.ts'
import type { Db, Side } from './transfer-sides.ts'

/** How many differences are told; the others are counted. */
const most = 20
/** How many rows of each side are in memory. */
const batch = 1_000

export interface Comparing {
  readonly from: Side
  readonly to: Side
  /** How many rows there are. */
  readonly total: number
  /** Where the old database stood at the beginning. */
  readonly stand: string
  readonly copied: number
  readonly onChecked: (rows: number, of: number) => void
}

/** Compares all rows of two databases, in the same memory for any number of them. */
export async function compare(comparing: Comparing): Promise<Transferred> {
  const { from, to, total, stand, copied, onChecked } = comparing
  const found = findings()
  const tables: TableChecked[] = []
  let compared = 0
  const went = () => {
    compared += 1
    if (compared % batch === 0) onChecked(compared, total)
  }
  onChecked(0, total)
  for (const table of copiedTables) {
    tables.push(await compareTable(table, { from: from.db, to: to.db, found, went }))
  }
  if (compared !== total) {
    // A row whose key is nothing at all comes neither before nor after any other.
    found.add({ table: 'all tables', key: '', what: `${total - compared} rows can not be reached` })
  }
  const changed = (await from.stand()) !== stand
  return { copied, tables, ...found.all(), changed }
}

type Findings = ReturnType<typeof findings>

function findings() {
  const differences: Difference[] = []
  let count = 0
  return {
    add(one: Difference): void {
      count += 1
      if (count <= most) differences.push(one)
    },
    all: () => ({ count, differences }),
  }
}

interface Walking {
  readonly from: Db
  readonly to: Db
  readonly found: Findings
  /** Is told of each row of the old database. */
  readonly went: () => void
}

async function compareTable(table: Copied, walking: Walking): Promise<TableChecked> {
  const { found, went } = walking
  const from = walker(walking.from, table)
  const to = walker(walking.to, table)
  const differ = ({ row }: At, what: string) =>
    found.add({ table, key: wordsOfKey(table, row), what })
  for await (const { old, made } of pairsOf(from, to)) {
    if (old === undefined) {
      if (made !== undefined) differ(made, 'is in the new one alone')
      continue
    }
    went()
    const damaged = damageOf(table, old.row)
    if (damaged !== undefined) differ(old, `${damaged} is not as it was written, in the old one`)
    if (made === undefined) differ(old, 'is missing in the new one')
    else if (old.text !== made.text) differ(old, `differs in ${columnsThatDiffer(old, made)}`)
  }
  return { table, from: from.told(), to: to.told() }
}

/** Two rows with the same key, or one with a key that the other side does not have. */
interface Pair {
  readonly old?: At
  readonly made?: At
}

/** Walks through both sides in the order of their keys. */
async function* pairsOf(from: Walker, to: Walker): AsyncGenerator<Pair> {
  let [old, made] = [await from.next(), await to.next()]
  while (old !== undefined || made !== undefined) {
    const order = orderOf(old, made)
    yield { ...(old && order <= 0 && { old }), ...(made && order >= 0 && { made }) }
    if (order <= 0) old = await from.next()
    if (order >= 0) made = await to.next()
  }
}

interface At {
  readonly row: Row
  readonly key: Key
  /** The whole row, the same on every engine. */
  readonly text: string
}

/** Below 0 where the first one comes first, or is alone. */
function orderOf(old: At | undefined, made: At | undefined): number {
  if (old === undefined) return 1
  return made === undefined ? -1 : compareKeys(old.key, made.key)
}

type Walker = ReturnType<typeof walker>

/** The rows of one table, one after the other, and what all of them come to. */
function walker(db: Db, table: Copied) {
  const sum = createHash('sha256')
  let rows: readonly Row[] = []
  let index = 0
  let count = 0
  let after: Key = []
  let ended = false

  async function refill(): Promise<void> {
    if (ended) return
    rows = await rowsAfter(db, table, after, batch)
    index = 0
    ended = rows.length < batch
    const last = rows.at(-1)
    if (last) after = keyOf(table, last)
  }

  return {
    async next(): Promise<At | undefined> {
      if (index === rows.length) await refill()
      const row = rows[index]
      if (row === undefined) return undefined
      index += 1
      count += 1
      const text = textOf(row)
      sum.update(`${text}\n`)
      return { row, key: keyOf(table, row), text }
    },
    told: (): Rows => ({ rows: count, checksum: sum.digest('hex') }),
  }
}

/** The columns by name: engines have them in orders of their own. */
const textOf = (row: Row): string =>
  JSON.stringify(
    Object.keys(row)
      .sort()
      .map((column) => [column, row[column]]),
  )

const columnsThatDiffer = ({ row: one }: At, { row: other }: At): string =>
  [...new Set([...Object.keys(one), ...Object.keys(other)])]
    .filter((column) => one[column] !== other[column])
    .sort()
    .join(', ')

/** What of a row is told by a checksum beside it. */
const sums: { readonly [Table in Copied]?: Readonly<Record<string, string>> } = {
  organization: { audiences: 'checksum', defaults: 'defaults_checksum' },
  person: { record: 'record_checksum', mention: 'mention_checksum' },
  presence: { signals: 'checksum' },
  meeting: { record: 'record_checksum' },
}

/** The column of a row that is not as its checksum has it, if one is. */
function damageOf(table: Copied, row: Row): string | undefined {
  if (table === 'access_key') {
    const isSame = keyChecksum(row as unknown as Tables['access_key']) === row.checksum
    return isSame ? undefined : 'it'
  }
  const [damaged] =
    Object.entries(sums[table] ?? {}).find(
      ([column, sum]) => crc32(String(row[column])) !== row[sum],
    ) ?? []
  return damaged
}
