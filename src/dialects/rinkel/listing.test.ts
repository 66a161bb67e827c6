import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { type ViewerName, type WorldOptions, world } from '../../../test/world.ts'
import { rinkel } from './index.ts'
import { RinkelUsers } from './schema.ts'

const isList = Compile(RinkelUsers)

async function list(query: string, as: ViewerName, options: WorldOptions = {}) {
  return (await world(options)).ask(rinkel, `/v1/users${query}`, { as })
}

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
