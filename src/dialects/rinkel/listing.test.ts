import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { type ViewerName, type World, type WorldOptions, world } from '../../../test/world.ts'
import { newPerson } from '../../person/draft.ts'
import type { Person } from '../../person/person.ts'
import { rinkel } from './index.ts'
import { RinkelUsers } from './schema.ts'

const isList = Compile(RinkelUsers)

async function list(query: string, as: ViewerName, options: WorldOptions = {}) {
  return (await world(options)).ask(rinkel, `/v1/users${query}`, { as })
}

const namesIn = (body: { data: { firstName: string }[] }) => body.data.map((one) => one.firstName)

describe('rinkel: the list of users', () => {
  it.each(cast.viewerNames)('tells %s of users as each is told alone', async (as) => {
    const one = await world()
    const { status, body, text } = await one.ask(
      rinkel,
      '/v1/users?per-page=100&includeAvatars=true',
      { as },
    )
    expect(status).toBe(200)
    expect(isList.Errors(body)).toEqual([])
    for (const user of body.data) {
      expect((await one.ask(rinkel, `/v1/users/${user.id}`, { as })).body).toEqual(user)
    }
    for (const secret of cast.secretsFrom[as]) {
      // Of others there may be what is a secret of Ada's.
      if (!/^(Group|Zz|a000)/.test(secret)) expect(text).not.toContain(secret)
    }
  })

  it('is of the people of the caller’s organization, without those who were deleted', async () => {
    const home = namesOf(await list('?per-page=100', 'admin'))
    expect(home).toContain('Ada CanaryDisplay')
    expect(home).toContain('ZzSuspended Displayname')
    expect(home).not.toContain('ZzDeleted Displayname')
    expect(home).not.toContain('ZzOutsider Displayname')
    const abroad = namesOf(await list('?per-page=100', 'outsider'))
    expect(abroad.toSorted()).toEqual([
      'ZzCoattendee Displayname',
      'ZzConnection Displayname',
      'ZzOutsider Displayname',
    ])
  })

  it('has pictures only where they are asked for', async () => {
    for (const query of ['', '?includeAvatars=false']) {
      const { body } = await list(query, 'admin')
      for (const user of body.data) expect(user).not.toHaveProperty('avatarUrls')
    }
    const { body } = await list('?includeAvatars=true', 'admin')
    for (const user of body.data) expect(user).toHaveProperty('avatarUrls')
  })

  it('has ten on a page where nothing is said, and nothing beyond the last', async () => {
    expect((await list('', 'admin')).body.data).toHaveLength(10)
    expect((await list('?page=3&per-page=4', 'admin')).body.data).toHaveLength(2)
    expect((await list('?page=999999999&per-page=100', 'admin')).text).toBe('{"data":[]}')
  })

  it('does not show who may not be known to be there, nor a gap in their place', async () => {
    const hidden = { ada: { ...cast.ada, audiences: { existence: 'nobody' } } } as const
    const seen = (await list('?per-page=100', 'colleague')).body.data
    const rest = (await list('?per-page=100', 'colleague', hidden)).body.data
    expect(rest).toHaveLength(seen.length - 1)
    expect(JSON.stringify(rest)).not.toContain('anary')
    const pages = await Promise.all(
      [1, 2, 3].map(async (page) => list(`?per-page=4&page=${page}`, 'colleague', hidden)),
    )
    expect(pages.map(({ body }) => body.data.length)).toEqual([4, 4, rest.length - 8])
  })

  it.each([
    'page=0',
    'page=-1',
    'page=x',
    'page=1.5',
    'page=1e3',
    'page=9999999999',
    'per-page=0',
    'per-page=101',
    'per-page=ten',
    'includeAvatars=maybe',
  ])('refuses %s', async (query) => {
    const { status, body } = await list(`?${query}`, 'admin')
    expect([status, body.errors[0].code]).toEqual([400, 'BAD_REQUEST'])
  })
})

const namesOf = ({ body }: { body: { data: { fullName: string }[] } }) =>
  body.data.map(({ fullName }) => fullName)

describe('rinkel: a walk through the pages', () => {
  const crowd = 40

  async function crowded() {
    const one = await world()
    const people = Array.from({ length: crowd }, (_, index) => newcomer(`Old${index}`))
    await commit(one, people)
    return { one, people }
  }

  const newcomer = (givenName: string): Person =>
    newPerson(
      {
        organizationId: cast.organizations.home.id,
        userName: `walker-${givenName}`,
        givenName,
      },
      new Date(cast.testNow).toISOString(),
    )

  const commit = (one: World, people: readonly Person[]) =>
    one.store.commit(
      people.map((person) => ({ kind: 'person' as const, person })),
      'test',
      new Date(cast.testNow).toISOString(),
    )

  const retire = (one: World, person: Person) =>
    commit(one, [
      {
        ...person,
        version: person.version + 1,
        lifecycle: 'deleted',
        deletedAt: person.createdAt,
      },
    ])

  /** Every first name there is, page by page; `between` is done before each page after the first. */
  async function walk(one: World, between: (page: number) => Promise<unknown> = async () => {}) {
    const names: string[] = []
    for (let page = 1; ; page += 1) {
      if (page > 1) await between(page)
      const { body } = await one.ask(rinkel, `/v1/users?per-page=7&page=${page}`, { as: 'admin' })
      if (body.data.length === 0) return names.filter((name) => /^(Old|New)/.test(name))
      names.push(...namesIn(body))
    }
  }

  it('meets everybody once while nothing changes', async () => {
    const { one, people } = await crowded()
    const names = await walk(one)
    expect(names.toSorted()).toEqual(people.map(({ givenName }) => givenName).toSorted())
  })

  it('misses nobody who was there while people are added, and meets at most as many twice', async () => {
    const { one, people } = await crowded()
    let added = 0
    const names = await walk(one, async (page) => {
      if (page > 5) return
      added += 1
      await commit(one, [newcomer(`New${page}`)])
    })
    for (const { givenName } of people) expect(names).toContain(givenName)
    expect(names.length - new Set(names).size).toBeLessThanOrEqual(added)
  })

  it('meets nobody twice while people are removed, and misses at most as many', async () => {
    const { one, people } = await crowded()
    const gone = new Set<string | undefined>()
    const names = await walk(one, async (page) => {
      const person = people[page]
      if (page > 5 || !person) return
      gone.add(person.givenName)
      await retire(one, person)
    })
    expect(new Set(names).size).toBe(names.length)
    const missed = people.filter(({ givenName }) => !names.includes(givenName ?? ''))
    expect(missed.filter(({ givenName }) => !gone.has(givenName)).length).toBeLessThanOrEqual(
      gone.size,
    )
  })
})
