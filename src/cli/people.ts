import { Command } from 'commander'
import { createSeal } from '../access/seal.ts'
import { extensionRulesOf } from '../dialects/dialect.ts'
import type { HeldPerson, Store } from '../directory/ports.ts'
import { Failure } from '../failure.ts'
import { type OrganizationId, personIdFrom } from '../person/ids.ts'
import { columnOf } from './import/columns.ts'
import { membershipsOf } from './import/memberships.ts'
import { createPlanner, type Plan, type Planner, RowRefused } from './import/planner.ts'
import type { Cell, Problem, Row } from './import/rows.ts'
import { findOrganization } from './organizations.ts'
import { print, printJson, table, UsageError } from './output.ts'
import { pathsOf } from './paths.ts'
import { inStore } from './store.ts'
import type { Wiring } from './wiring.ts'

interface OrgFlag {
  readonly org?: string
}

const orgFlag = ['--org <name-or-id>', 'the organization, where there are several'] as const
const setting = 'column=value, as docs/import.md tells; nothing after the = removes'

/** Whoever has the shell and the database is the operator: nothing is hidden from them here. */
export const personCommand = (wiring: Wiring): Command =>
  new Command('person')
    .description('people: show, create, set')
    .addCommand(
      inStore(wiring, new Command('show'), async (store, { args: [who = ''], flags, json }) => {
        const held = await findPerson(store, who, flags as OrgFlag)
        const { person, groups } = held
        const paths = pathsOf(person, wiring.dialects, createSeal(await store.secret()).mark)
        if (json) {
          printJson({ ...person, groups: groups.map(({ id, name }) => ({ id, name })), paths })
        } else {
          const beside = [...(await linesBeside(store, held)), ...linesOf({ paths })]
          print(table(['FIELD', 'VALUE'], [...linesOf(person), ...beside]))
        }
      })
        .description('show all that is kept of a person, and the paths to read them at')
        .argument('<who>', 'a user name or an id')
        .option(...orgFlag),
    )
    .addCommand(
      inStore(wiring, new Command('create'), async (store, { args, flags, json }) => {
        const [userName = '', ...settings] = args
        const { id, name } = await findOrganization(store, (flags as OrgFlag).org)
        if (await store.people.byUserName(id, userName)) {
          throw new UsageError(
            `There is already somebody with the user name "${userName}" in "${name}"; kithd person set changes them`,
          )
        }
        const plan = await carryOut(wiring, store, id, (planner) =>
          planner.planNew(userName, rowOf(settings), true),
        )
        if (json) printJson(plan.person)
        else print(`Created ${plan.person.userName}, ${plan.person.id}: ${plan.fields.join(', ')}`)
      })
        .description('create a person')
        .argument('<user-name>')
        .argument('[settings...]', setting)
        .option(...orgFlag),
    )
    .addCommand(
      inStore(wiring, new Command('set'), async (store, { args, flags, json }) => {
        const [who = '', ...settings] = args
        if (settings.length === 0) throw new UsageError(`Set what? Give ${setting}`)
        const { person } = await findPerson(store, who, flags as OrgFlag)
        const plan = await carryOut(wiring, store, person.organizationId, (planner) =>
          planner.planFor(person.id, rowOf(settings), true),
        )
        if (json) printJson(plan.person)
        else if (plan.outcome === 'unchanged') print(`Nothing changed: ${who} is so already`)
        else print(`Changed ${plan.person.userName}, ${person.id}: ${plan.fields.join(', ')}`)
      })
        .description('change a person')
        .argument('<who>', 'a user name or an id')
        .argument('[settings...]', setting)
        .option(...orgFlag),
    )

/** @throws UsageError when there is nobody of that user name or id */
export async function findPerson(store: Store, who: string, { org }: OrgFlag): Promise<HeldPerson> {
  const id = personIdFrom(who)
  const { id: organizationId, name } =
    id && org === undefined
      ? { id: undefined, name: undefined }
      : await findOrganization(store, org)
  const held = id
    ? await store.people.byId(id, { groups: true })
    : organizationId && (await store.people.byUserName(organizationId, who, { groups: true }))
  if (!held || (organizationId && held.person.organizationId !== organizationId)) {
    const where = name === undefined ? '' : ` in "${name}"`
    throw new UsageError(`There is nobody with the ${id ? 'id' : 'user name'} "${who}"${where}`)
  }
  return held
}

/** What `column=value` arguments say. @throws UsageError */
function rowOf(settings: readonly string[]): Row {
  const cells = settings.map((text): Cell => {
    const at = text.indexOf('=')
    if (at < 1) throw new UsageError(`"${text}" is not of the form column=value`)
    const label = text.slice(0, at)
    const value = text.slice(at + 1)
    return { label, column: asUsage(() => columnOf(label)), value: value === '' ? null : value }
  })
  const twin = cells.find(({ column }, at) => cells.findIndex((one) => one.column === column) < at)
  if (twin) throw new UsageError(`"${twin.label}" is given twice; several values are parted by ;`)
  return { line: 0, cells }
}

/** Writes what was planned, if all of it can be. @throws UsageError */
async function carryOut(
  wiring: Wiring,
  store: Store,
  organizationId: OrganizationId,
  plan: (planner: Planner) => Promise<Plan>,
): Promise<Plan> {
  const now = new Date(wiring.now()).toISOString()
  const extensions = extensionRulesOf(wiring.dialects)
  const memberships = membershipsOf(store, organizationId)
  const { timeZone = 'UTC' } = (await store.organizations.byId(organizationId)) ?? {}
  const context = () => ({ now, timeZone, extensions })
  const planned = await refusals(() =>
    plan(createPlanner({ store, organizationId, memberships, context })),
  )
  const { person, recordChanges, moves } = planned
  await store.commit(
    [...(recordChanges ? [{ kind: 'person' as const, person }] : []), ...memberships.writes(moves)],
    'cli',
    now,
  )
  return planned
}

async function refusals(work: () => Promise<Plan>): Promise<Plan> {
  try {
    const plan = await work()
    if (plan.problems.length > 0) throw new RowRefused(plan.problems)
    return plan
  } catch (error) {
    if (error instanceof RowRefused) throw new UsageError(error.problems.map(told).join('\n  '))
    throw error
  }
}

const told = ({ label, reason }: Problem): string =>
  label === undefined ? reason : `${label}: ${reason}`

function asUsage<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    if (error instanceof Failure) throw new UsageError(error.message)
    throw error
  }
}

/** A record as rows of a table: a row for each plain value, one for each entry of a list. */
function linesOf(value: object, path = ''): readonly (readonly [string, string])[] {
  return Object.entries(value).flatMap(([name, one]): readonly (readonly [string, string])[] => {
    const label = path + name
    if (Array.isArray(one)) return one.map((entry) => [label, entryText(entry)] as const)
    if (typeof one === 'object' && one !== null) return linesOf(one, `${label}.`)
    return [[label, String(one)]]
  })
}

function entryText(entry: unknown): string {
  if (typeof entry !== 'object' || entry === null) return String(entry)
  const { value, ...rest } = entry as Record<string, unknown>
  const more = Object.entries(rest).map(([name, one]) => `${name} ${JSON.stringify(one)}`)
  return value === undefined ? more.join(', ') : `${String(value)}  (${more.join(', ')})`
}

async function linesBeside(
  store: Store,
  { person, groups }: HeldPerson,
): Promise<readonly (readonly [string, string])[]> {
  const manager = person.managerId && (await store.people.byId(person.managerId))
  return [
    ...groups.map(({ id, name }) => ['groups', `${name}  (id "${id}")`] as const),
    ...(manager ? [['manager', manager.person.userName] as const] : []),
  ]
}
