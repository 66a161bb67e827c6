import { acceptGroup, empty, type Inside } from './accept.ts'
import { canonicalResource, schemasNamed } from './canonical.ts'
import { refuseModified } from './condition.ts'
import type { Filter } from './filter.ts'
import { isArray, isObject, type Json, type JsonObject, sameName } from './json.ts'
import { applyPatch, type PatchOperation, parsePatch } from './patch.ts'
import { parsePath } from './path.ts'
import { projectGroup } from './project.ts'
import type { Asker, Resources } from './resources.ts'
import { groupType, kithGroupUrn } from './schemas.ts'

/** Groups of the viewer's organization. */
export const groups: Resources = {
  type: groupType,

  async list({ viewer, directory, base }, asked, withMembers) {
    // A page may have fewer than were asked for (RFC 7644 §3.4.2.4): each of them may be large.
    const limit = withMembers ? Math.min(asked.limit, mostWithMembers) : asked.limit
    const question = { ...asked, limit }
    const { items, ...rest } = await directory.searchGroups(viewer, question, withMembers)
    return { ...rest, items: items.map((group) => projectGroup(group, base)) }
  },

  read: readGroup,

  create({ viewer, registrar }, body) {
    const group = canonicalResource(body, groupType)
    return registrar.found(viewer, acceptGroup(group, empty, schemasNamed(body, groupType)))
  },

  async replace(asker, id, body, condition) {
    const group = canonicalResource(body, groupType)
    const named = schemasNamed(body, groupType)
    await asker.registrar.changeGroup(asker.viewer, id, async () => {
      const there = await readGroup(asker, id)
      refuseModified(there, condition)
      return acceptGroup(group, insideOf(there), named)
    })
  },

  async modify(asker, id, body, condition) {
    const operations = parsePatch(body)
    const moves = condition === undefined ? movesFrom(operations) : undefined
    await asker.registrar.changeGroup(asker.viewer, id, async () => {
      const there = await readGroup(asker, id, moves === undefined)
      refuseModified(there, condition)
      const patched = applyPatch(there, moves?.rest ?? operations, groupType)
      const group = canonicalResource(patched, groupType)
      const change = acceptGroup(group, insideOf(there), allNamed)
      if (!moves) return change
      const { joining, leaving } = moves
      return {
        ...change,
        members: { joining, leaving } as NonNullable<typeof change.members>,
        subgroups: { joining: [], leaving },
        regardless: true,
      }
    })
  },

  remove: ({ viewer, registrar, ...asker }, id, condition) =>
    registrar.dissolve(viewer, id, async () => {
      if (condition === undefined) return
      refuseModified(await readGroup({ viewer, registrar, ...asker }, id), condition)
    }),
}

/** Groups on a page that tells of their members. */
const mostWithMembers = 20

const allNamed: ReadonlySet<string> = new Set([kithGroupUrn])

async function readGroup(
  { viewer, directory, base }: Asker,
  id: string,
  withMembers = true,
): Promise<JsonObject> {
  return projectGroup(await directory.group(viewer, id, withMembers), base)
}

function insideOf(group: JsonObject): Inside {
  const members = (group.members ?? []) as readonly { value: string; type?: string }[]
  const kith = (group[kithGroupUrn] ?? {}) as { owners?: readonly { value: string }[] }
  return {
    people: members.filter(({ type }) => type !== 'Group').map(({ value }) => value),
    groups: members.filter(({ type }) => type === 'Group').map(({ value }) => value),
    owners: kith.owners?.map(({ value }) => value) ?? [],
  }
}

// Who joins a large group and who leaves it is mostly said one by one: then nobody else has to be read.

interface Moves {
  readonly joining: readonly string[]
  readonly leaving: readonly string[]
  /** What else is asked, which has nothing to do with members. */
  readonly rest: readonly PatchOperation[]
}

/** Who comes and goes by these operations; undefined where it takes all who are there to tell. */
function movesFrom(operations: readonly PatchOperation[]): Moves | undefined {
  const joining = new Set<string>()
  const leaving = new Set<string>()
  const rest: PatchOperation[] = []
  for (const operation of operations) {
    const ids = idsMoved(operation)
    if (ids === undefined) return undefined
    if (ids === 'others') rest.push(operation)
    else {
      const [into, from] = operation.op === 'add' ? [joining, leaving] : [leaving, joining]
      for (const id of ids) {
        into.add(id)
        from.delete(id)
      }
    }
  }
  return { joining: [...joining], leaving: [...leaving], rest }
}

/** Whom an operation adds or removes; `others` where it is not about members, undefined where that is not all it says. */
function idsMoved({ op, path, value }: PatchOperation): readonly string[] | 'others' | undefined {
  if (path === undefined || isOfExtension(path)) return undefined
  const { steps } = parsePath(path, groupType)
  const [step] = steps
  if (!step || !sameName(step.name, 'members')) return 'others'
  if (steps.length > 1 || op === 'replace' || (step.filter && op === 'add')) return undefined
  return step.filter ? idsFor(step.filter) : idsIn(value)
}

/** Owners are read with the members. */
const isOfExtension = (path: string): boolean => /^urn:/i.test(path)

/** The id in `members[value eq "id"]`; undefined for any other filter. */
const idsFor = (filter: Filter): readonly string[] | undefined =>
  filter.op === 'eq' && sameName(filter.attrPath, 'value') && typeof filter.compValue === 'string'
    ? [filter.compValue.toLowerCase()]
    : undefined

/** The ids of members as they are sent; undefined where one of them has none. */
function idsIn(value: Json | undefined): readonly string[] | undefined {
  const items = isArray(value) ? value : value === undefined ? [] : [value]
  const ids = items.map((item) => (isObject(item) ? item.value : item))
  const all = ids.every((id) => typeof id === 'string' && id !== '')
  return all && ids.length > 0 ? (ids as string[]).map((id) => id.toLowerCase()) : undefined
}
