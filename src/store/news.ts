import type { Change } from '../directory/ports.ts'
import { type Fact, type FactKind, factOf } from '../footprint/footprint.ts'

/** What of the change log it takes to tell which facts have changed. */
export interface News {
  readonly entity: Change['entity']
  readonly entityId: string
  readonly personId?: string | null | undefined
  /** Of a changed person: to whom they report now. To whom they did, their own fact tells. */
  readonly managerId?: string | null | undefined
}

/** The facts that a line of the change log changes. Whatever reads notes these facts: see directory/noted.ts. */
export function factsChangedBy({ entity, entityId, personId, managerId }: News): readonly Fact[] {
  if (entity === 'membership') return personId ? [factOf('person', personId)] : []
  const own = factOf(entity === 'block' ? 'connection' : entity, entityId)
  if (entity === 'person' && managerId) return [own, factOf('reportees', managerId)]
  if (entity === 'attendee' && personId) return [own, factOf('attendance', personId)]
  return [own]
}

true satisfies Exclude<Change['entity'], 'membership' | 'block'> extends FactKind ? true : false
