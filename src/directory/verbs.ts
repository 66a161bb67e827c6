import type { Pictures } from '../pictures/pictures.ts'
import { type Calendar, createCalendar } from './calendar.ts'
import { type Connector, createConnector } from './connector.ts'
import { type Convener, createConvener } from './convener.ts'
import type { OpenDirectory } from './directory.ts'
import { createGallery, type Gallery, withoutLeftovers } from './gallery.ts'
import type { Store } from './ports.ts'
import type { Pulse } from './pulse.ts'
import { createRegistrar, type Registrar } from './registrar.ts'
import { createSteward, type Steward } from './steward.ts'
import { createWhereabouts, type Whereabouts } from './whereabouts.ts'

/** What callers can do beside reading people. Every verb takes the viewer first, and does and tells only what they may. */
export interface Verbs {
  /** Writes people and groups. */
  readonly registrar: Registrar
  /** What is between two people. */
  readonly connector: Connector
  /** Events, and who attends them. */
  readonly convener: Convener
  /** When people can be met, and their meetings. */
  readonly calendar: Calendar
  /** Whether people are there. */
  readonly whereabouts: Whereabouts
  /** Their pictures. */
  readonly gallery: Gallery
  /** Organizations, keys and the change log. */
  readonly steward: Steward
}

export interface VerbParts {
  readonly store: Store
  /** What the viewer may see of people, for verbs that tell of them. */
  readonly directory: OpenDirectory
  /** Heartbeats on their way to the store; closed before it by whoever made it. */
  readonly pulse: Pulse
  /** The bytes of pictures. */
  readonly pictures: Pictures
  /** Notes what went wrong without anybody's request failing by it. */
  readonly complain: (err: unknown, what: string) => void
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

export function createVerbs(parts: VerbParts): Verbs {
  const registrar = withoutLeftovers(createRegistrar(parts), parts)
  return {
    registrar,
    connector: createConnector(parts),
    convener: createConvener(parts),
    calendar: createCalendar(parts),
    whereabouts: createWhereabouts({ ...parts, registrar }),
    gallery: createGallery({ ...parts, registrar }),
    steward: createSteward(parts),
  }
}
