import { amend, type PersonChange } from '../../directory/amend.ts'
import type { Group, Handles, Store } from '../../directory/ports.ts'
import { Failure } from '../../failure.ts'
import { newPerson, type PersonDraft } from '../../person/draft.ts'
import { isEmail } from '../../person/emails.ts'
import {
  newNumber,
  newPersonId,
  type OrganizationId,
  type PersonId,
  personIdFrom,
} from '../../person/ids.ts'
import type { Email, Person } from '../../person/person.ts'
import { folded } from '../../person/text.ts'
import { columns, type ReadingContext, type RowChange } from './columns.ts'
import type { Memberships, Move } from './memberships.ts'
import { type Overlay, overlayOn, type Planned, type Shelf } from './overlay.ts'
import type { Cell, Problem, Row } from './rows.ts'
import { shown } from './values.ts'

/** What a row comes to. */
export interface Plan {
  readonly outcome: 'created' | 'changed' | 'unchanged'
  readonly person: Person
  /** As they are now; nobody is created from anybody. */
  readonly before?: Person
  /** The record itself is another, not only who is in which group. */
  readonly recordChanges: boolean
  /** The fields that become different. */
  readonly fields: readonly string[]
  readonly moves: readonly Move[]
  /** User names, of a plan that is never written. */
  readonly managers?: { readonly before?: string; readonly after?: string }
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
  readonly store: Pick<Store, 'people'>
  readonly organizationId: OrganizationId
  readonly memberships: Memberships
  readonly context: () => ReadingContext
  /** Where the line of the first row about each person is noted; in memory where nothing else is said. */
  readonly lines?: FirstLines
  /** Where what is planned is kept when it is never written. */
  readonly shelf?: Shelf
}

export interface FirstLines {
  firstLine(id: PersonId): number | undefined
  /** The first word counts. */
  noteFirstLine(id: PersonId, line: number): void
}

function linesInMemory(): FirstLines {
  const lines = new Map<PersonId, number>()
  return {
    firstLine: (id) => lines.get(id),
    noteFirstLine: (id, line) => void (lines.has(id) || lines.set(id, line)),
  }
}

/** Works out what rows come to, each over what those before it will have made. */
export interface Planner {
  /** Reads at once whom these rows, and the people of these ids, may be about: they are planned next. */
  prepare(rows: readonly Row[], ids?: readonly PersonId[]): Promise<void>
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
  lines = linesInMemory(),
  shelf,
}: PlannerParts): Planner {
  const overlay = overlayOn(store, organizationId, shelf)
  // Somebody to read the cells against that tell who a row is about, before it is known who that is.
  const nobody = newPerson({ organizationId, userName: 'nobody' }, context().now)

  /** What the row says in the column of that name, if it can be read. */
  function said(row: Row, name: keyof Person): RowChange {
    const cell = row.cells.find(({ column }) => column.name === name)
    return cell && cell.value !== null ? readCells(nobody, [cell], row.line, context()).change : {}
  }

  const signs = new WeakMap<Row, Signs>()
  /** What the row says of who it is about, read once. */
  function signsOf(row: Row): Signs {
    const known = signs.get(row)
    if (known) return known
    const { externalId } = said(row, 'externalId')
    const { userName } = said(row, 'userName')
    const read = {
      ...(externalId && { externalId }),
      ...(userName && { userName }),
      emails: said(row, 'emails').emails ?? [],
    }
    signs.set(row, read)
    return read
  }

  function handlesOf(row: Row): Partial<Handles> {
    const { externalId, userName, emails } = signsOf(row)
    const manager = row.cells.find(({ column }) => column.name === 'manager')?.value
    const names = userName === undefined ? emails.map(({ value }) => value) : [userName]
    return {
      ...(row.personId && { ids: [row.personId] }),
      ...(externalId !== undefined && { externalIds: [externalId] }),
      userNames: typeof manager === 'string' ? [...names, manager.trim()] : names,
      verifiedEmails: emails.map(({ normalized }) => normalized),
    }
  }

  async function whoIs(row: Row): Promise<Planned | string> {
    const { externalId, userName } = signsOf(row)
    const known = externalId ? await overlay.byExternalId(externalId) : undefined
    if (known) return known
    return userName ? whoIsNamed(userName, row, externalId) : whoIsAt(row, externalId)
  }

  async function whoIsNamed(
    userName: string,
    row: Row,
    externalId: string | undefined,
  ): Promise<Planned | string> {
    const named = await overlay.byUserName(userName)
    if (named) return named
    const verified = await byVerified(signsOf(row).emails, row, externalId)
    return verified && !isAnEarlierRow(verified, row) ? verified : userName
  }

  /** Who a row is about that has an address and no name. */
  async function whoIsAt(row: Row, externalId: string | undefined): Promise<Planned | string> {
    const { emails } = signsOf(row)
    const [address] = emails
    if (!address) throw new RowRefused(problemsOf(row) ?? [{ line: row.line, reason: noName }])
    const there =
      (await overlay.byUserName(address.value)) ?? (await byVerified(emails, row, externalId))
    return there ? byAddress(there, address.value, row, externalId) : address.value
  }

  async function byOwnId({ personId }: Row): Promise<Planned | undefined> {
    const there = personId && (await overlay.byId(personId))
    if (!there || there.person.organizationId !== organizationId) return undefined
    return there.person.lifecycle === 'deleted' ? undefined : there
  }

  const lineOf = (person: Person, row: Row): number => lines.firstLine(person.id) ?? row.line
  const isAnEarlierRow = ({ person }: Planned, row: Row): boolean => lineOf(person, row) < row.line

  /** Whoever has one of the addresses verified, unless they are known by another external id. */
  async function byVerified(
    emails: readonly Email[],
    row: Row,
    externalId: string | undefined,
  ): Promise<Planned | undefined> {
    const found = new Map<PersonId, Planned>()
    for (const { normalized } of emails) {
      for (const one of await overlay.byVerifiedEmail(normalized)) found.set(one.person.id, one)
    }
    const isAnother = ({ person: { externalId: known } }: Planned) =>
      externalId !== undefined && known !== undefined && known !== externalId
    const [one, another] = [...found.values()].filter((person) => !isAnother(person))
    if (!one || !another) return one
    const names = [...found.values()].map(({ person }) => shown(person.userName)).slice(0, 5)
    const reason = `is the verified address of several people, ${names.join(', ')}; give the user name or the external id of one of them`
    throw new RowRefused([problem(row, 'emails', reason)])
  }

  /** Two people may share an address, so of one file's rows only the first is taken at its word. */
  function byAddress(
    there: Planned,
    address: string,
    row: Row,
    externalId: string | undefined,
  ): Planned {
    const line = lineOf(there.person, row)
    const known = there.person.externalId
    const isAnother = externalId === undefined || (known !== undefined && known !== externalId)
    if (line < row.line && isAnother) {
      const reason = `is about the person of line ${line} (${address}); give each a user name or an external id`
      throw new RowRefused([problem(row, 'emails', reason)])
    }
    return there
  }

  /** An address tells who a row is about only of people who could be found by one. */
  function noteLine({ person }: Plan, row: Row): void {
    const { userName, emails } = person
    if (userName.includes('@') || emails.some(({ verified }) => verified)) {
      lines.noteFirstLine(person.id, row.line)
    }
  }

  /** Whoever is not there need not be deleted, however often a file says so. */
  const saysDeleted = (row: Row): boolean => said(row, 'lifecycle').lifecycle === 'deleted'

  /** The problems of reading the row, if there are any. */
  function problemsOf(row: Row): readonly Problem[] | undefined {
    const { problems } = readCells(nobody, row.cells, row.line, context())
    return problems.length > 0 && !row.lenient ? problems : undefined
  }

  function read(person: Person, row: Row): Reading {
    const { change, problems } = readCells(person, row.cells, row.line, context())
    if (problems.length > 0 && !row.lenient) throw new RowRefused(problems)
    return { change, leftOut: [...(row.leftOut ?? []), ...problems] }
  }

  /** Somebody new before the row has said anything; who is checked is whom it makes of them. */
  const unchecked = (userName: string): Person => {
    const { now } = context()
    const own = { id: newPersonId(), number: newNumber(), createdAt: now, updatedAt: now }
    return { ...nobody, ...own, userName, displayName: userName }
  }

  async function planNew(userName: string, row: Row, last: boolean): Promise<Plan> {
    const draft = { organizationId, userName }
    const base = unchecked(userName)
    const { change, ...rest } = await lookUp({ person: base, groups: [] }, row, read(base, row), {
      last,
      isNew: true,
    })
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
    const isNew = false
    const { change, ...rest } = await lookUp(there, row, read(before, row), { last, isNew })
    await refuseTakenName(before, change, row)
    const person = refusing(row, () => amend(before, change, context().now))
    const fields = changedFields(before, person)
    const different = person !== before || rest.moves.length > 0
    if (different) overlay.put({ person, groups: groupsAfter(there.groups, rest.moves) })
    return {
      outcome: different ? 'changed' : 'unchanged',
      person,
      before,
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
    { change: { manager, managerId, groups, ...change }, leftOut: problems }: Reading,
    when: When,
  ): Promise<LookedUp> {
    const moves = groups === undefined ? [] : await movesOf(there, groups)
    const found = { change, moves, problems }
    const named = manager === undefined ? managerId : manager
    if (named === undefined) return found
    if (named === null) return appoint(there.person, undefined, found)
    const { person } = there
    const boss = await (manager === undefined ? byIdText(named) : managerNamed(named, person))
    const cell = row.cells.find(({ column }) => column.name === 'manager')
    if (!boss && cell && !when.last) return { ...found, awaits: cell }
    const wrong = await wrongWith(boss, named, person, when)
    return wrong ? withoutManager(row, wrong, found) : appoint(person, boss, found)
  }

  function withoutManager(row: Row, wrong: string, found: LookedUp): LookedUp {
    const name = row.cells.find(({ column }) => column.name.startsWith('manager'))?.column.name
    return { ...found, problems: [...found.problems, problem(row, name ?? '', wrong)] }
  }

  async function appoint(
    person: Person,
    boss: Person | undefined,
    found: LookedUp,
  ): Promise<LookedUp> {
    const change = { ...found.change, managerId: boss?.id ?? null }
    return { ...found, change, ...(await managersOf(person, boss)) }
  }

  /** Who was and will be the manager, where a dry run tells it. */
  async function managersOf(
    { managerId }: Person,
    boss: Person | undefined,
  ): Promise<Pick<Plan, 'managers'>> {
    if (!shelf || managerId === boss?.id) return {}
    const before = managerId && ((await overlay.mentioned(managerId))?.userName ?? managerId)
    return { managers: { ...(before && { before }), ...(boss && { after: boss.userName }) } }
  }

  /** In words why `boss` can't be whom `person` reports to. */
  async function wrongWith(
    boss: Person | undefined,
    named: string,
    person: Person,
    { isNew }: When,
  ): Promise<string | undefined> {
    if (!boss) return nobodyCalled(named)
    if (boss.id === person.id) return 'nobody is their own manager'
    // Nobody reports to somebody who is not there yet.
    return isNew ? undefined : loopOf(person, boss)
  }

  async function byIdText(text: string): Promise<Person | undefined> {
    const id = personIdFrom(text)
    const there = id && (await overlay.mentioned(id))
    return there && there.organizationId === organizationId ? there : undefined
  }

  async function managerNamed(name: string, person: Person): Promise<Person | undefined> {
    // Somebody new is not in the overlay yet, and may be named by the row that makes them.
    if (folded(name) === folded(person.userName)) return person
    return overlay.mentionedByName(name)
  }

  /** In words that `boss` reports to `person` in some way, if it is so. */
  async function loopOf(person: Person, boss: Person): Promise<string | undefined> {
    if (person.managerId === boss.id) return undefined
    const seen = new Set<PersonId>()
    let above: Person | undefined = boss
    while (above?.managerId && !seen.has(above.managerId)) {
      if (above.managerId === person.id) {
        return `${shown(boss.userName)} already reports to ${shown(person.userName)}, directly or through others`
      }
      seen.add(above.managerId)
      above = await overlay.mentioned(above.managerId)
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
    async prepare(rows, ids = []) {
      const all = rows.map(handlesOf)
      await overlay.foresee({
        ids: [...ids, ...all.flatMap((one) => one.ids ?? [])],
        userNames: all.flatMap(({ userNames = [] }) => userNames),
        externalIds: all.flatMap(({ externalIds = [] }) => externalIds),
        verifiedEmails: all.flatMap(({ verifiedEmails = [] }) => verifiedEmails),
      })
    },
    async plan(given) {
      const theirs = await byOwnId(given)
      const { otherwise, ...rest } = given
      const row = otherwise && !theirs ? { ...rest, cells: [...rest.cells, otherwise] } : rest
      const who = theirs ?? (await whoIs(row))
      if (typeof who === 'string' && saysDeleted(row)) return nothingToDo(nobody)
      const plan = await (typeof who === 'string'
        ? planNew(who, row, false)
        : planChange(who, row, false))
      noteLine(plan, row)
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

/** By what a row says who it is about. */
interface Signs {
  readonly externalId?: string
  readonly userName?: string
  readonly emails: readonly Email[]
}

interface When {
  /** There are no later rows to wait for. */
  readonly last: boolean
  /** The person is not there yet. */
  readonly isNew: boolean
}

type LookedUp = Pick<Plan, 'moves' | 'problems' | 'awaits' | 'managers'> & {
  readonly change: PersonChange
}

/** What a row says, and what of it can't be taken though the rest is. */
interface Reading {
  readonly change: RowChange
  readonly leftOut: readonly Problem[]
}

const nothingToDo = (person: Person): Plan => ({
  outcome: 'unchanged',
  person,
  recordChanges: false,
  fields: [],
  moves: [],
  problems: [],
})

function nobodyCalled(name: string): string {
  const why = isEmail(name) ? '; a manager is named by user name, not by another address' : ''
  return `there is nobody with the ${personIdFrom(name) ? 'id' : 'user name'} ${shown(name)}${why}`
}

const noName = 'names nobody: it has neither a user name nor an e-mail address'

type Mutable<T> = { -readonly [Name in keyof T]: T[Name] }

const inOrder = (cells: readonly Cell[]): readonly Cell[] =>
  cells.length < 2
    ? cells
    : cells.toSorted(
        (one, other) => (columnOrder.get(one.column) ?? 0) - (columnOrder.get(other.column) ?? 0),
      )

/** Reads the cells in the order of the table, each over what those before it said. */
function readCells(
  person: Person,
  cells: readonly Cell[],
  line: number,
  context: ReadingContext,
): { change: RowChange; problems: readonly Problem[] } {
  const change: Mutable<RowChange> = {}
  // Written over, cell by cell: a copy for each would be most of the work.
  const soFar: Mutable<Person> = { ...person }
  const problems: Problem[] = []
  for (const { column, label, value, line: at = line } of inOrder(cells)) {
    try {
      const said = column.read(soFar, value, context)
      Object.assign(change, said)
      Object.assign(soFar, said)
    } catch (error) {
      if (!(error instanceof Failure)) throw error
      problems.push({ line: at, label, reason: error.message })
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
  const cell = row.cells.find(({ column }) => column.name === name)
  return { line: cell?.line ?? row.line, reason, ...(cell && { label: cell.label }) }
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
