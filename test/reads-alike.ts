import { expect, it, vi } from 'vitest'
import type { Store } from '../src/directory/ports.ts'
import type { PersonId } from '../src/person/ids.ts'
import * as cast from './cast.ts'

/** Nobody's. */
export const absent = '00000000-0000-4000-8000-000000000000' as PersonId

const { ada, askers, attendees, event, organizations } = cast

/** That a database does as much for somebody who is not there as for somebody who is, and may be hidden. */
export function readsAlike(open: () => Promise<Store>): void {
  it('takes as much reading as who is', async () => {
    const store = await open()
    await store.commit(
      [
        ...Object.values(organizations).map(
          (organization) => ({ kind: 'organization', organization }) as const,
        ),
        ...[ada, ...Object.values(askers)].map((person) => ({ kind: 'person', person }) as const),
        { kind: 'event', event } as const,
        ...Object.values(attendees).map((attendee) => ({ kind: 'attendee', attendee }) as const),
      ],
      'test',
      new Date(cast.testNow).toISOString(),
    )
    const { people } = store
    const beside = { presence: true, manager: true }
    const { id, number, userName, organizationId } = ada
    const pairs: (readonly [() => Promise<unknown>, () => Promise<unknown>])[] = [
      [() => people.byId(id, beside), () => people.byId(absent, beside)],
      [() => people.byId(id, beside), () => people.byId('ffff' as PersonId, beside)],
      [() => people.byNumber(number, beside), () => people.byNumber(1, beside)],
      [() => people.byNumber(number, beside), () => people.byNumber(2 ** 52, beside)],
      [
        () => people.byUserName(organizationId, userName, beside),
        () => people.byUserName(organizationId, `${userName.slice(0, -1)}a`, beside),
      ],
      [
        () => people.byIds([id, askers.colleague.id], beside),
        () => people.byIds([id, absent], beside),
      ],
      [
        () => people.byAttendance(event.number, number, beside),
        () => people.byAttendance(event.number, 1, beside),
      ],
    ]
    const parsed = vi.spyOn(JSON, 'parse')
    const countOf = async (read: () => Promise<unknown>) => {
      // What is known of organizations is parsed once.
      await read()
      parsed.mockClear()
      await read()
      return parsed.mock.calls.filter(([text]) => text.includes('"id":')).length
    }
    const counts: (readonly [number, number])[] = []
    for (const [somebody, nobody] of pairs) {
      counts.push([await countOf(somebody), await countOf(nobody)])
    }
    parsed.mockRestore()
    expect(counts).toEqual([1, 1, 1, 1, 1, 2, 1].map((count) => [count, count]))
    await store.close()
  })
}
