import { type OrganizationId, personIdFrom } from '../person/ids.ts'
import type { Change, Store } from './ports.ts'

/** A line of the change log without its place there, which would tell how much others write. */
export interface OwnChange extends Omit<Change, 'sequence' | 'actor' | 'entity'> {
  readonly entity: Exclude<Change['entity'], 'block'>
  /** The id of a person or a key of one's own, or a program's name; absent for anybody else. */
  readonly actor?: string
}

export interface OwnChanges {
  /** Oldest first. */
  readonly changes: readonly OwnChange[]
  /** The place to go on from. It moves with what is told, and with others' writes only where they are very many. */
  readonly place: number
  /** Whether there may be more already. */
  readonly more: boolean
}

type Ours = ReadonlySet<OrganizationId>
type Homes = ReadonlyMap<string, OrganizationId>
type Reads = Pick<Store, 'changesAfter' | 'people' | 'groups' | 'keys' | 'gatherings'>

/** Lines read at once. */
const slice = 500
/** Lines looked through for one answer. */
const most = 10_000

/**
 * Reads what was written in some organizations. A line is theirs if all that it is about is: what ties two people is
 * told to whoever administers both.
 */
export function ownChanges(store: Reads) {
  /** Those of the next lines that are told, and where the lines end. */
  async function read(ours: Ours, after: number) {
    const lines = await store.changesAfter(after, slice)
    const homes = await homesOf(store, ours, lines)
    const found = lines.flatMap((line) => {
      const change = toldOf(line, homes, ours)
      return change ? [{ place: line.sequence, change }] : []
    })
    return { found, end: lines.at(-1)?.sequence ?? after, more: lines.length === slice }
  }

  return async (ours: Ours, after: number, limit: number): Promise<OwnChanges> => {
    let { found, end, more } = await read(ours, after)
    while (more && found.length <= limit && end - after < most) {
      const next = await read(ours, end)
      found = [...found, ...next.found]
      ;({ end, more } = next)
    }
    const told = found.slice(0, limit)
    const last = told.at(-1)?.place ?? after
    const full = found.length > limit
    return {
      changes: told.map(({ change }) => change),
      place: more && !full ? end : last,
      more: more || full,
    }
  }
}

/**
 * A line as it is told; undefined where it is not. Of blocks nobody is told; and since there can be something between two
 * who were never connected only where one blocked the other, no connection is told as a new one.
 */
function toldOf(
  { sequence: _, actor, ...line }: Change,
  homes: Homes,
  ours: Ours,
): OwnChange | undefined {
  const isOurs = (id: string): boolean => {
    const home = homes.get(id)
    return home !== undefined && ours.has(home)
  }
  if (!aboutOf(line, actor).every(isOurs)) return undefined
  const isProgram = personIdFrom(actor) === undefined
  const { entity, kind: done } = line
  if (entity === 'block') return undefined
  const kind = entity === 'connection' ? 'changed' : done
  return { ...line, entity, kind, ...((isProgram || isOurs(actor)) && { actor }) }
}

/** The ids of everything that a line is about; each has a home. */
function aboutOf(
  { entity, entityId, personId, kind }: Pick<Change, 'entity' | 'entityId' | 'personId' | 'kind'>,
  actor: string,
): readonly string[] {
  switch (entity) {
    case 'connection':
    case 'block':
      return entityId.split(',')
    case 'group':
      // What is gone has no home any more; whoever removes a group is at home where it was.
      return [kind === 'removed' ? actor : entityId]
    case 'membership':
    case 'attendee':
    case 'meeting':
      return [personId ?? '']
    case 'person':
    case 'organization':
    case 'key':
    case 'event':
      return [entityId]
  }
}

/** The organizations of what lines are about and of who wrote them, by id; of events, where they are ours. */
async function homesOf(
  { people, groups, keys, gatherings }: Reads,
  ours: Ours,
  lines: readonly Change[],
): Promise<Homes> {
  const homes = new Map<string, OrganizationId>()
  const named = new Set(lines.flatMap((line) => [...aboutOf(line, line.actor), line.actor]))
  const unknown = () => [...named].filter((id) => !homes.has(id))
  const ids = unknown().flatMap((id) => {
    const personId = personIdFrom(id)
    return personId ? [personId] : []
  })
  for (const { person } of await people.byIds(ids)) homes.set(person.id, person.organizationId)
  for (const group of await groups.byIds(unknown())) homes.set(group.id, group.organizationId)
  for (const { entity, entityId } of lines) {
    if (entity === 'organization') homes.set(entityId, entityId as OrganizationId)
  }
  const events = new Set(lines.flatMap((one) => (one.entity === 'event' ? one.entityId : [])))
  for (const id of unknown().filter((one) => !events.has(one))) {
    const holder = await keys.holderById(id)
    if (holder) homes.set(id, holder.key.organizationId)
  }
  for (const number of events) {
    const home = await eventHome(gatherings, Number(number), ours)
    if (home) homes.set(number, home)
  }
  return homes
}

async function eventHome(
  gatherings: Reads['gatherings'],
  number: number,
  ours: Ours,
): Promise<OrganizationId | undefined> {
  for (const id of ours) {
    const [event] = await gatherings.eventsOf(id, { after: number - 1, limit: 1 })
    if (event?.number === number) return id
  }
  return undefined
}
