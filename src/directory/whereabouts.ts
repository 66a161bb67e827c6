import { setTimeout as sleep } from 'node:timers/promises'
import { Failure } from '../failure.ts'
import { Footprint } from '../footprint/footprint.ts'
import type { PersonId } from '../person/ids.ts'
import {
  type Declared,
  declaring,
  isFresh,
  type Presence,
  presenceAt,
  signalsOfPresent,
} from '../presence/presence.ts'
import type { VisiblePerson } from '../privacy/reveal.ts'
import type { Viewer } from '../privacy/viewer.ts'
import type { Registrar } from './registrar.ts'
import type { VerbParts } from './verbs.ts'

/** Where somebody is, as far as the viewer may know. */
export interface Whereabout {
  readonly id: PersonId
  readonly presence: Presence
  /** Only to the person and to administrators. */
  readonly declared?: Declared
}

export interface Whereabouts {
  /**
   * Notes that the viewer is there. Where that changes what others see of them it is written soon, and this resolves
   * when it is; else with the next batch. What can't be written at the moment is kept, and is no failure.
   * @throws not_found for a service, which is nobody in person
   */
  beat(viewer: Viewer): Promise<void>
  /** The same where it changes nothing that others see, and that is known without looking; else false, and nothing is noted. */
  beatAgain(viewer: Viewer): boolean
  /** @throws not_found for nobody whom the viewer may know of, and for somebody whose whereabouts they may not know */
  status(viewer: Viewer, id: PersonId): Promise<Whereabout>
  /** Those of `ids` whose whereabouts the viewer may know, in that order. */
  statuses(viewer: Viewer, ids: readonly PersonId[]): Promise<readonly Whereabout[]>
  /**
   * Puts what `declaredOf` says in place of all that was said of the person. People may of themselves, which tells that
   * they are there, and administrators. Where somebody else said something meanwhile it is asked anew; what it throws
   * ends the attempt.
   * @throws not_found, forbidden; invalid for what is over already or never begins, naming the field
   */
  declare(
    viewer: Viewer,
    id: PersonId,
    declaredOf: (now: Whereabout) => Promise<Declared> | Declared,
  ): Promise<void>
}

/** Milliseconds that somebody waits at most for their heartbeat to be written. */
const patience = 250

export interface WhereaboutsParts extends VerbParts {
  readonly registrar: Registrar
}

export function createWhereabouts(parts: WhereaboutsParts): Whereabouts {
  const { store, pulse, registrar, now } = parts
  const directory = () => parts.directory(new Footprint(store.watch.moment))

  async function status(viewer: Viewer, id: PersonId): Promise<Whereabout> {
    // Somebody whom the viewer may not know of is told from nobody in no way.
    const [person] = await directory().findAll(viewer, [id], { presence: true })
    const whereabout = person && whereaboutOf(person)
    if (!whereabout) throw new Failure('not_found', 'No presence, or none that you may see')
    return whereabout
  }

  /** Whether somebody was heard of lately enough to be active then. */
  function isSeen(id: PersonId, then: number): boolean {
    const latest = pulse.latest(id)
    return latest !== undefined && isFresh(latest, then)
  }

  /** Whether others would see the person in another state, for want of the heartbeat, before a batch is written. */
  async function matters(id: PersonId, at: number): Promise<boolean> {
    const then = at + pulse.patience
    if (isSeen(id, then)) return false
    const { signals = {} } = (await store.people.byId(id, { presence: true })) ?? {}
    const present = signalsOfPresent(signals, instantOf(at))
    return presenceAt(signals, then).state !== presenceAt(present, then).state
  }

  return {
    async beat(viewer) {
      const id = inPerson(viewer)
      const at = now()
      if (await matters(id, at)) await inTime(pulse.hasten(id, at))
      else pulse.note(id, at)
    },

    beatAgain({ personId }) {
      const at = now()
      if (personId === undefined || !isSeen(personId, at + pulse.patience)) return false
      pulse.note(personId, at)
      return true
    },

    status,

    async statuses(viewer, ids) {
      const people = await directory().findAll(viewer, ids, { presence: true })
      return people.flatMap((person) => whereaboutOf(person) ?? [])
    },

    async declare(viewer, id, declaredOf) {
      const { relations } = await directory().find(viewer, { id })
      if (!relations.self && !relations.administrator) {
        throw new Failure('forbidden', 'Only the person and administrators may say where they are')
      }
      await registrar.signal(viewer, id, async (signals) => {
        const declared = await declaredOf(await status(viewer, id))
        refuseInVain(declared, now())
        const next = declaring(signals, declared)
        return relations.self ? signalsOfPresent(next, instantOf(now())) : next
      })
    },
  }
}

/** Resolves with the write, or when that takes too long to wait for. */
const inTime = (written: Promise<void>): Promise<void> =>
  Promise.race([written, sleep(patience, undefined, { ref: false })])

/** Undefined where the viewer may not know it. */
function whereaboutOf({ id, presence, declared }: VisiblePerson): Whereabout | undefined {
  return presence && { id, presence, ...(declared && { declared }) }
}

/** @throws invalid, naming the field */
function refuseInVain({ status, outOfOffice }: Declared, now: number): void {
  const isOver = (until: string | undefined) => until !== undefined && Date.parse(until) <= now
  if (isOver(status?.until)) {
    throw new Failure('invalid', `status.until: must be later than now, ${instantOf(now)}`)
  }
  const { from, until } = outOfOffice ?? {}
  if (isOver(until)) {
    throw new Failure('invalid', `outOfOffice.until: must be later than now, ${instantOf(now)}`)
  }
  if (from !== undefined && until !== undefined && Date.parse(from) >= Date.parse(until)) {
    throw new Failure('invalid', 'outOfOffice.until: must be later than outOfOffice.from')
  }
}

function inPerson({ personId }: Viewer): PersonId {
  if (personId === undefined)
    throw new Failure('not_found', 'This key is a service’s, which is nobody in person')
  return personId
}

const instantOf = (milliseconds: number): string => new Date(milliseconds).toISOString()
