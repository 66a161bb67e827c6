import { amend, type PersonChange } from '../../directory/amend.ts'
import type { Group, Store } from '../../directory/ports.ts'
import { Failure } from '../../failure.ts'
import { newPerson, type PersonDraft } from '../../person/draft.ts'
import { isEmail } from '../../person/emails.ts'
import { type OrganizationId, type PersonId, personIdFrom } from '../../person/ids.ts'
import type { Person } from '../../person/person.ts'
import { folded } from '../../person/text.ts'
import { columns, type ReadingContext, type RowChange } from './columns.ts'
import type { Memberships, Move } from './memberships.ts'
import { type Overlay, overlayOn, type Planned } from './overlay.ts'
import type { Cell, Problem, Row } from './rows.ts'
import { shown } from './values.ts'

/** What a row comes to. */
export interface Plan {
  readonly outcome: 'created' | 'changed' | 'unchanged'
  readonly person: Person
  /** The record itself is another, not only who is in which group. */
  readonly recordChanges: boolean
  /** The fields that become different. */
  readonly fields: readonly string[]
  readonly moves: readonly Move[]
  /** What could not be taken, though the rest is. */
  readonly problems: readonly Problem[]
  /** A manager who is not there yet; a later row may be theirs. */
  readonly awaits?: Cell
}

/** A row that can't be taken at all. */
export class RowRefused extends Error {
  override readonly name = 'RowRefused'
  readonly problems: readonly Problem[]

  constructor(problems: readonly Problem[]) {
    super(problems[0]?.reason ?? 'refused')
    this.problems = problems
  }
}

export interface PlannerParts {
  readonly store: Pick<Store, 'people' | 'groups'>
  readonly organizationId: OrganizationId
  readonly memberships: Memberships
  readonly context: () => ReadingContext
}

/** Works out what rows come to, each over what those before it will have made. */
export interface Planner {
  /** Whoever the row is about, or a new person. @throws RowRefused */
  plan(row: Row): Promise<Plan>
  /** What the row makes of this person. With `last` there are no later rows to wait for. @throws RowRefused */
  planFor(id: PersonId, row: Row, last: boolean): Promise<Plan>
  /** A person whom no one of that name precedes. @throws RowRefused */
  planNew(userName: string, row: Row, last: boolean): Promise<Plan>
  readonly overlay: Overlay
}

const columnOrder = new Map(columns.map((column, at) => [column, at]))

export function createPlanner({
  store,
  organizationId,
  memberships,
  context,
}: PlannerParts): Planner {
  const overlay = overlayOn(store, organizationId)
  /** The line of the first row about each person whom the file is about. */
  const firstLines = new Map<PersonId, number>()
  // Somebody to read the cells against that tell who a row is about, before it is known who that is.
  const nobody = newPerson({ organizationId, userName: 'nobody' }, context().now)

  /** What the row says in the column of that name, if it can be read. */
  function said(row: Row, name: keyof Person): RowChange {
    const cell = row.cells.find(({ column }) => column.name === name)
    return cell && cell.value !== null ? readCells(nobody, [cell], row.line, context()).change : {}
  }

  async function whoIs(row: Row): Promise<Planned | string> {
    const { externalId } = said(row, 'externalId')
    const byExternalId = externalId ? await overlay.byExternalId(externalId) : undefined
    if (byExternalId) return byExternalId
    const { userName } = said(row, 'userName')
    if (userName) return (await overlay.byUserName(userName)) ?? userName
    const address = said(row, 'emails').emails?.[0]?.value
    if (address) return byAddress(address, row, externalId ?? undefined)
    throw new RowRefused(problemsOf(row) ?? [{ line: row.line, reason: noName }])
  }

  /** Two people may share an address, so of one file's rows only the first is taken at its word. */
  async function byAddress(
    address: string,
    row: Row,
    externalId: string | undefined,
  ): Promise<Planned | string> {
    const there = await overlay.byUserName(address)
    if (!there) return address
    const line = firstLines.get(there.person.id) ?? row.line
    const known = there.person.externalId
    const isAnother = externalId === undefined || (known !== undefined && known !== externalId)
    if (line < row.line && isAnother) {
      const reason = `is about the person of line ${line} (${address}); give each a user name or an external id`
      throw new RowRefused([problem(row, 'emails', reason)])
    }
    return there
  }

  /** The problems of reading the row, if there are any. */
  function problemsOf(row: Row): readonly Problem[] | undefined {
    const { problems } = readCells(nobody, row.cells, row.line, context())
    return problems.length > 0 ? problems : undefined
  }

  function read(person: Person, row: Row): RowChange {
    const { change, problems } = readCells(person, row.cells, row.line, context())
    if (problems.length > 0) throw new RowRefused(problems)
    return change
  }

  async function planNew(userName: string, row: Row, last: boolean): Promise<Plan> {
    const draft = { organizationId, userName }
    const base = refusing(row, () => newPerson(draft, context().now))
    const { change, ...rest } = await lookUp(
      { person: base, groups: [] },
      row,
      read(base, row),
      last,
    )
    const known = withoutNulls({ ...change, userName: change.userName ?? userName })
    const person = refusing(row, () =>
      newPerson(
        { ...draft, ...known, id: base.id, number: base.number } as PersonDraft,
        base.createdAt,
      ),
    )
    overlay.put({ person, groups: groupsAfter([], rest.moves) })
    const fields = [...Object.keys(known), ...(rest.moves.length > 0 ? ['groups'] : [])]
    return { outcome: 'created', person, recordChanges: true, fields, ...rest }
  }

  async function planChange(there: Planned, row: Row, last: boolean): Promise<Plan> {
    const { person: before } = there
    const { change, ...rest } = await lookUp(there, row, read(before, row), last)
    await refuseTakenName(before, change, row)
    const person = refusing(row, () => amend(before, change, context().now))
    const fields = changedFields(before, person)
    const different = person !== before || rest.moves.length > 0
    if (different) overlay.put({ person, groups: groupsAfter(there.groups, rest.moves) })
    return {
      outcome: different ? 'changed' : 'unchanged',
      person,
      recordChanges: person !== before,
      fields: rest.moves.length > 0 ? [...fields, 'groups'] : fields,
      ...rest,
    }
  }

  async function refuseTakenName(before: Person, change: PersonChange, row: Row): Promise<void> {
    const { userName } = change
    if (!userName || folded(userName) === folded(before.userName)) return
    const holder = await overlay.byUserName(userName)
    if (holder && holder.person.id !== before.id) {
      throw new RowRefused([
        problem(row, 'userName', `${shown(userName)} is the user name of somebody else`),
      ])
    }
  }

  /** Turns the names that the row says into what they name. */
  async function lookUp(
    there: Planned,
    row: Row,
    { manager, managerId, groups, ...change }: RowChange,
    last: boolean,
  ): Promise<Pick<Plan, 'moves' | 'problems' | 'awaits'> & { change: PersonChange }> {
    const moves = groups === undefined ? [] : await movesOf(there, groups)
    const named = manager === undefined ? managerId : manager
    if (named === undefined) return { change, moves, problems: [] }
    if (named === null) return { change: { ...change, managerId: null }, moves, problems: [] }
    const boss = await (manager === undefined ? byIdText(named) : managerNamed(named, there.person))
    const cell = row.cells.find(({ column }) => column.name === 'manager')
    if (!boss && cell && !last) return { change, moves, problems: [], awaits: cell }
    return { moves, ...(await appoint(there.person, boss, named, row, change)) }
  }

  async function appoint(
    person: Person,
    boss: Person | undefined,
    named: string,
    row: Row,
    change: PersonChange,
  ): Promise<{ change: PersonChange; problems: readonly Problem[] }> {
    const wrong = boss ? await loopOf(person, boss) : nobodyCalled(named)
    if (boss && !wrong) return { change: { ...change, managerId: boss.id }, problems: [] }
    const cell = row.cells.find(({ column }) => column.name.startsWith('manager'))
    return { change, problems: [problem(row, cell?.column.name ?? '', wrong ?? '')] }
  }

  async function byIdText(text: string): Promise<Person | undefined> {
    const id = personIdFrom(text)
    const there = id && (await overlay.byId(id))
    return there?.person.organizationId === organizationId ? there.person : undefined
  }

  async function managerNamed(name: string, person: Person): Promise<Person | undefined> {
    // Somebody new is not in the overlay yet, and may be named by the row that makes them.
    if (folded(name) === folded(person.userName)) return person
    return (await overlay.byUserName(name))?.person
  }

  /** In words what is wrong with `boss` as the manager of `person`. */
  async function loopOf(person: Person, boss: Person): Promise<string | undefined> {
    if (boss.id === person.id) return 'nobody is their own manager'
    if (person.managerId === boss.id) return undefined
    const seen = new Set<PersonId>()
    let above: Person | undefined = boss
    while (above?.managerId && !seen.has(above.managerId)) {
      if (above.managerId === person.id) {
        return `${shown(boss.userName)} already reports to ${shown(person.userName)}, directly or through others`
      }
      seen.add(above.managerId)
      above = (await overlay.byId(above.managerId))?.person
    }
    return undefined
  }

  async function movesOf(
    { person, groups: there }: Planned,
    names: readonly string[] | null,
  ): Promise<readonly Move[]> {
    const personId = person.id
    if (names === null) return there.map((group) => ({ group, personId, joins: false }))
    const joined = new Map<string, Move>()
    for (const name of names) {
      const group = await memberships.group(name)
      if (!there.some(({ id }) => id === group.id)) {
        joined.set(group.id, { group, personId, joins: true })
      }
    }
    return [...joined.values()]
  }

  return {
    overlay,
    planNew,
    async plan(row) {
      const who = await whoIs(row)
      const plan = await (typeof who === 'string'
        ? planNew(who, row, false)
        : planChange(who, row, false))
      if (!firstLines.has(plan.person.id)) firstLines.set(plan.person.id, row.line)
      return plan
    },
    async planFor(id, row, last) {
      const there = await overlay.byId(id)
      if (!there)
        throw new RowRefused([{ line: row.line, reason: 'the person is no longer there' }])
      return planChange(there, row, last)
    },
  }
}

function nobodyCalled(name: string): string {
  const why = isEmail(name) ? '; a manager is named by user name, not by another address' : ''
  return `there is nobody with the ${personIdFrom(name) ? 'id' : 'user name'} ${shown(name)}${why}`
}

const noName = 'names nobody: it has neither a user name nor an e-mail address'

/** Reads the cells in the order of the table, each over what those before it said. */
function readCells(
  person: Person,
  cells: readonly Cell[],
  line: number,
  context: ReadingContext,
): { change: RowChange; problems: readonly Problem[] } {
  let change: RowChange = {}
  const problems: Problem[] = []
  const inOrder = cells.toSorted(
    (one, other) => (columnOrder.get(one.column) ?? 0) - (columnOrder.get(other.column) ?? 0),
  )
  for (const { column, label, value } of inOrder) {
    try {
      const soFar = { ...person, ...change } as Person
      change = { ...change, ...column.read(soFar, value, context) }
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      problems.push({ line, label, reason: error.message })
    }
  }
  return { change, problems }
}

/** Runs `work`, whose failure is the row's. */
function refusing<T>(row: Row, work: () => T): T {
  const refuse = (error: unknown): never => {
    if (!(error instanceof Failure) || error.code !== 'invalid') throw error
    const [field = '', ...reason] = error.message.split(': ')
    const at = field.split('.')[0] ?? ''
    throw new RowRefused([
      reason.length > 0
        ? problem(row, at, error.message)
        : { line: row.line, reason: error.message },
    ])
  }
  try {
    const result = work()
    return result instanceof Promise ? (result.catch(refuse) as T) : result
  } catch (error) {
    return refuse(error)
  }
}

/** A problem with what the row says in our column of that name. */
function problem(row: Row, name: string, reason: string): Problem {
  const label = row.cells.find(({ column }) => column.name === name)?.label
  return { line: row.line, reason, ...(label !== undefined && { label }) }
}

const groupsAfter = (before: readonly Group[], moves: readonly Move[]): readonly Group[] => [
  ...before.filter(({ id }) => !moves.some(({ group }) => group.id === id)),
  ...moves.flatMap(({ group, joins }) => (joins ? [group] : [])),
]

const withoutNulls = (change: PersonChange): PersonChange =>
  Object.fromEntries(Object.entries(change).filter(([, value]) => value !== null))

const bookkeeping: readonly string[] = ['version', 'updatedAt', 'touched']

/** The fields in which two versions of a person differ; `amend` keeps those that it does not change. */
function changedFields(before: Person, after: Person): readonly string[] {
  const names = new Set([...Object.keys(before), ...Object.keys(after)]) as Set<keyof Person>
  return [...names].filter((name) => before[name] !== after[name] && !bookkeeping.includes(name))
}
