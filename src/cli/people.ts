import { Command } from 'commander'
import type { HeldPerson, Store } from '../directory/ports.ts'
import { Failure } from '../failure.ts'
import { type OrganizationId, personIdFrom } from '../person/ids.ts'
import { columnOf, type ReadingContext } from './import/columns.ts'
import { membershipsOf } from './import/memberships.ts'
import { createPlanner, type Plan, type Planner, RowRefused } from './import/planner.ts'
import type { Cell, Problem, Row } from './import/rows.ts'
import { findOrganization } from './organizations.ts'
import { print, printJson, table, UsageError } from './output.ts'
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
        if (json) {
          printJson({ ...person, groups: groups.map(({ id, name }) => ({ id, name })) })
        } else {
          print(
            table(['FIELD', 'VALUE'], [...linesOf(person), ...(await linesBeside(store, held))]),
          )
        }
      })
        .description('show all that is kept of a person')
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
async function findPerson(store: Store, who: string, { org }: OrgFlag): Promise<HeldPerson> {
  const id = personIdFrom(who)
  const { id: organizationId, name } =
    id && org === undefined
      ? { id: undefined, name: undefined }
      : await findOrganization(store, org)
  const held = id
    ? await store.people.byId(id)
    : organizationId && (await store.people.byUserName(organizationId, who))
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
  const extensions: ReadingContext['extensions'] = Object.fromEntries(
    wiring.dialects.map(({ name, extension = {} }) => [name, extension]),
  )
  const memberships = membershipsOf(store, organizationId)
  const context = () => ({ now, extensions })
  const planned = await refusals(() =>
    plan(createPlanner({ store, organizationId, memberships, context })),
  )
  const groups = await memberships.due(planned.moves, true)
  const { person, recordChanges } = planned
  await store.commit(
    [...(recordChanges ? [{ kind: 'person' as const, person }] : []), ...groups],
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
    return [[label, printable(String(one))]]
  })
}

function entryText(entry: unknown): string {
  if (typeof entry !== 'object' || entry === null) return printable(String(entry))
  const { value, ...rest } = entry as Record<string, unknown>
  const more = Object.entries(rest).map(
    ([name, one]) => `${name} ${printable(JSON.stringify(one))}`,
  )
  return value === undefined ? more.join(', ') : `${printable(String(value))}  (${more.join(', ')})`
}

/** On one line, and without anything that a terminal would act upon. */
const printable = (text: string): string =>
  text.replace(/\p{Cc}/gu, (sign) =>
    JSON.stringify(sign)
      .slice(1, -1)
      .replace(/\p{Cc}/gu, '?'),
  )

async function linesBeside(
  store: Store,
  { person, groups }: HeldPerson,
): Promise<readonly (readonly [string, string])[]> {
  const manager = person.managerId && (await store.people.byId(person.managerId))
  return [
    ...groups.map(({ id, name }) => ['groups', `${printable(name)}  (id "${id}")`] as const),
    ...(manager ? [['manager', printable(manager.person.userName)] as const] : []),
  ]
}
