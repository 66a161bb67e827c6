import { expect, it } from 'vitest'
import type { Dialect } from '../src/dialects/dialect.ts'
import { webex } from '../src/dialects/webex/index.ts'
import { newPerson } from '../src/person/draft.ts'
import type { Person } from '../src/person/person.ts'
import * as cast from './cast.ts'
import { type World, world } from './world.ts'

interface Walk {
  /** Of the first page, of at most twenty people. */
  readonly first: string
  /** The UUIDs of the people in a page, in order. */
  readonly idsIn: (body: unknown) => readonly string[]
}

/** A list of this dialect's, walked by its links while people come and go, has everybody who stays in it once. */
export function walks(dialect: Dialect, { first, idsIn }: Walk): void {
  it(`${first}, walked by its links while people come and go, has everybody who stays once`, async () => {
    const one = await world()
    const crowd = await crowded(one, 300)
    const leaving = crowd.filter((_, at) => at % 10 === 0)
    const gone = new Set<string>()
    const seen: string[] = []
    let path: string | undefined = first
    while (path) {
      const answer = await one.ask(dialect, path, { as: 'admin' })
      expect(answer.status).toBe(200)
      seen.push(...idsIn(answer.body))
      for (const { id } of leaving.splice(0, 2)) {
        gone.add(id)
        const left = await one.ask(webex, `/v1/people/${id}`, { as: 'admin', method: 'DELETE' })
        expect(left.status).toBe(204)
      }
      await crowded(one, 3)
      path = nextOf(answer.headers.link)
    }
    expect(gone.size).toBeGreaterThan(20)
    expect(seen.length).toBeGreaterThan(280)
    expect(new Set(seen).size).toBe(seen.length)
    const stayed = crowd.map(({ id }) => id).filter((id) => !gone.has(id))
    expect(stayed.filter((id) => !seen.includes(id))).toEqual([])
  })
}

/** The path of the next page, if there is one. */
export const nextOf = (link: string | undefined): string | undefined =>
  /^<https:\/\/people\.example(\/[^>]*)>; rel="next"$/.exec(link ?? '')?.[1]

/** So many more people in Ada's organization. */
export async function crowded({ store }: World, size: number): Promise<readonly Person[]> {
  const at = new Date(cast.testNow).toISOString()
  const people = Array.from({ length: size }, () => {
    const { organizationId } = cast.ada
    const userName = `crowd-${crypto.randomUUID()}x`
    return newPerson({ organizationId, userName, givenName: 'Of', familyName: 'Thecrowd' }, at)
  })
  await store.commit(
    people.map((person) => ({ kind: 'person', person })),
    'test',
    at,
  )
  return people
}
