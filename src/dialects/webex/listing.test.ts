import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { crowded, nextOf, walks } from '../../../test/walks.ts'
import { type ViewerName, type World, world } from '../../../test/world.ts'
import { newEmail } from '../../person/emails.ts'
import type { OrganizationId } from '../../person/ids.ts'
import type { Person } from '../../person/person.ts'
import { decodePersonId, encodeOrganizationId, encodePersonId, encodeRoleId } from './ids.ts'
import { webex } from './index.ts'
import { WebexPeople, type WebexPerson } from './schema.ts'

const { ada, askers, organizations } = cast
const isList = Compile(WebexPeople)
const home = encodeOrganizationId(organizations.home.id)
const sentence = 'Email, displayName, or id list should be specified.'

const idsIn = (body: unknown): string[] =>
  (body as { items: WebexPerson[] }).items.map(({ id }) => String(decodePersonId(id)))

async function list(one: World, query: string, as: ViewerName) {
  const answer = await one.ask(webex, `/v1/people${query}`, { as })
  expect(answer.status).toBe(200)
  expect(isList.Errors(answer.body)).toEqual([])
  expect(answer.body.notFoundIds).toBeNull()
  return answer
}

const found = async (one: World, query: string, as: ViewerName) =>
  idsIn((await list(one, query, as)).body)

describe('webex: a list', () => {
  it('finds by the whole address, in whatever case', async () => {
    const one = await world()
    for (const email of ['canary.mail@ada-canary.example', 'CANARY.second@ADA-canary.EXAMPLE']) {
      expect(await found(one, `?email=${email}`, 'colleague')).toEqual([ada.id])
    }
    for (const email of ['canary.mail', '%25', 'canary.mail@ada-canary.exampl', '*']) {
      expect(await found(one, `?email=${email}`, 'colleague')).toEqual([])
    }
  })

  it('finds by what the name begins with, in whatever case', async () => {
    const one = await world()
    expect(await found(one, '?displayName=ada%20canaryd', 'colleague')).toEqual([ada.id])
    for (const name of ['CanaryDisplay', 'Ada  C', '%25', '_da']) {
      expect(await found(one, `?displayName=${name}`, 'colleague')).toEqual([])
    }
  })

  it('asks for all of its filters together', async () => {
    const one = await world()
    const email = 'email=canary.mail@ada-canary.example'
    expect(await found(one, `?${email}&displayName=Ada`, 'colleague')).toEqual([ada.id])
    expect(await found(one, `?${email}&displayName=Zz`, 'colleague')).toEqual([])
  })

  it('finds by any of the roles, by their encoded or bare ids', async () => {
    const one = await world()
    const [role] = ada.roles
    const id = encodeRoleId(role?.id ?? '')
    for (const roles of [id, `${id}=`, role?.id, `${encodeRoleId('other')},${id}`]) {
      expect(await found(one, `?roles=${roles}`, 'admin')).toEqual([ada.id])
    }
    expect(await found(one, `?roles=${encodeRoleId('other')}`, 'admin')).toEqual([])
  })

  it('is the same with a slash and under the prefix', async () => {
    const one = await world()
    const { text } = await list(one, '?displayName=Zz', 'colleague')
    for (const path of ['/v1/people/?displayName=Zz', '/webexapis/v1/people/?displayName=Zz']) {
      expect((await one.ask(webex, path, { as: 'colleague' })).text).toBe(text)
    }
  })

  it('gives everybody as they are given alone, and without their presence where that is not wanted', async () => {
    const one = await world()
    const query = '?email=canary.mail@ada-canary.example'
    const alone = await one.ask(webex, `/v1/people/${ada.id}`, { as: 'colleague' })
    const { body } = await list(one, `${query}&excludeStatus=false`, 'colleague')
    expect(body.items).toEqual([alone.body])
    const { status: _, lastActivity: __, ...rest } = alone.body
    const without = await list(one, `${query}&excludeStatus=true`, 'colleague')
    expect(without.body.items).toEqual([rest])
  })

  it('of everybody is for administrators', async () => {
    const one = await world()
    for (const as of ['owner', 'admin'] as const) {
      const ids = await found(one, '', as)
      expect(ids).toContain(ada.id)
      expect(ids).not.toContain(askers.outsider.id)
      expect(ids).not.toContain(askers.deleted.id)
    }
    for (const as of ['self', 'colleague', 'service', 'outsider'] as const) {
      for (const query of ['', '?max=3', `?roles=${encodeRoleId('x')}`, `?orgId=${home}`]) {
        const { status, body } = await one.ask(webex, `/v1/people${query}`, { as })
        expect([status, body.message]).toEqual([400, sentence])
      }
    }
  })

  it('is of another organization only for those who administer it', async () => {
    const one = await world()
    expect(await found(one, `?orgId=${home}`, 'managingAdmin')).toContain(ada.id)
    expect(await found(one, `?orgId=${organizations.home.id}`, 'admin')).toContain(ada.id)
    expect(await found(one, '', 'managingAdmin')).toEqual([askers.managingAdmin.id])
    for (const as of ['admin', 'colleague'] as const) {
      const other = encodeOrganizationId(organizations.manager.id)
      const path = `/v1/people?displayName=Zz&orgId=${other}`
      expect((await one.ask(webex, path, { as })).status).toBe(403)
      const none = encodeOrganizationId(crypto.randomUUID())
      const nowhere = await one.ask(webex, path.replace(other, none), { as })
      expect(nowhere.status).toBe(403)
    }
  })

  it('by ids is of the organization that is named', async () => {
    const one = await world()
    const ids = `${ada.id},${askers.outsider.id}`
    const { body } = await one.ask(webex, `/v1/people?id=${ids}&orgId=${home}`, { as: 'colleague' })
    expect(idsIn(body)).toEqual([ada.id])
    expect(body.notFoundIds).toEqual([encodePersonId(askers.outsider.id)])
  })

  it.each([
    ['?id=', sentence],
    ['?email=', sentence],
    ['?email=%20', sentence],
    ['?displayName=', sentence],
    ['?roles=,', sentence],
    ['?max=0', 'max: must be a whole number, and at least 1.'],
    ['?max=-1', 'max: must be a whole number, and at least 1.'],
    ['?max=ten', 'max: must be a whole number, and at least 1.'],
    ['?orgId=nowhere', 'orgId: that is no id of an organization.'],
    [`?orgId=${encodePersonId(ada.id)}`, 'orgId: that is no id of an organization.'],
    [`?roles=${encodePersonId(ada.id)}`, 'roles: that is no id of a role.'],
    ['?locationId=x', 'locationId: there are no locations here.'],
    [`?id=${ada.id}&email=a@b.example`, 'email: can not be asked for together with id.'],
    ['?cursor=', 'cursor: is none of this server, or belongs to another filter.'],
    [`?cursor=${ada.id}.0`, 'cursor: is none of this server, or belongs to another filter.'],
  ])('refuses %s even to an owner', async (query, message) => {
    const one = await world()
    const { status, body } = await one.ask(webex, `/v1/people${query}`, { as: 'owner' })
    expect([status, body.message]).toEqual([400, message])
  })
})

describe('webex: what is hidden from the caller', () => {
  const hiding = (audiences: Person['audiences']) => world({ ada: { ...ada, audiences } })

  it('is found by nothing that they may not see', async () => {
    for (const audiences of [{ existence: 'nobody' }, { contact: 'nobody' }] as const) {
      const one = await hiding(audiences)
      const query = '?email=canary.mail@ada-canary.example'
      expect(await found(one, query, 'colleague')).toEqual([])
      expect(await found(one, query, 'admin')).toEqual([ada.id])
    }
    const nameless = await hiding({ name: 'nobody' })
    expect(await found(nameless, '?displayName=Ada', 'colleague')).toEqual([])
    const jobless = await hiding({ work: 'nobody' })
    const query = `?displayName=Ada&roles=${encodeRoleId(ada.roles[0]?.id ?? '')}`
    expect(await found(jobless, query, 'colleague')).toEqual([])
    expect(await found(jobless, query, 'admin')).toEqual([ada.id])
  })

  it('leaves no trace in the pages', async () => {
    const [hidden, absent] = [
      await hiding({ existence: 'nobody' }),
      await world({
        ada: { ...ada, organizationId: organizations.elsewhere.id as OrganizationId },
      }),
    ]
    const pages = async (one: World) => {
      const counts: number[] = []
      let path: string | undefined = '/v1/people?displayName=Zz&max=2'
      while (path) {
        const answer = await one.ask(webex, path, { as: 'colleague' })
        counts.push(answer.body.items.length)
        path = nextOf(answer.headers.link)
      }
      return counts
    }
    expect(await pages(hidden)).toEqual(await pages(absent))
  })
})

describe('webex: pages', () => {
  walks(webex, { first: '/v1/people?max=20', idsIn })
  walks(webex, { first: '/webexapis/v1/people/?displayName=of%20the&max=20', idsIn })

  it('are of a hundred unless fewer are wanted, and never of more', async () => {
    const one = await world()
    await crowded(one, 120)
    const count = async (query: string) =>
      (await list(one, `?displayName=Of&${query}`, 'colleague')).body.items.length
    expect(await count('')).toBe(100)
    expect(await count('max=1000')).toBe(100)
    expect(await count('max=7')).toBe(7)
  })

  it('link to the next with every parameter, at the address that was asked', async () => {
    const one = await world()
    await crowded(one, 5)
    const query = '?displayName=of%20the&max=2&showAllTypes=false&callingData=true&x=a%26b%3E'
    const { headers } = await list(one, `/${query}`, 'colleague')
    const [, href = ''] = /^<([^>]+)>; rel="next"$/.exec(headers.link ?? '') ?? []
    const next = new URL(href)
    expect(next.origin + next.pathname).toBe('https://people.example/v1/people/')
    const { cursor, ...others } = Object.fromEntries(next.searchParams)
    expect(others).toEqual(Object.fromEntries(new URLSearchParams(query)))
    expect(cursor).toMatch(/^[0-9a-f-]{36}\.[0-9a-f]{24}$/)
  })

  it('end without a link where the last one is full', async () => {
    const one = await world()
    await crowded(one, 4)
    const { headers } = await list(one, '?displayName=Of&max=2', 'colleague')
    const last = await one.ask(webex, nextOf(headers.link) ?? '', { as: 'colleague' })
    expect(last.body.items).toHaveLength(2)
    expect(last.headers).not.toHaveProperty('link')
  })

  it('go on only for the filter and the organization that they began with', async () => {
    const one = await world()
    await crowded(one, 3)
    const next = nextOf((await list(one, '?displayName=Of&max=1', 'admin')).headers.link) ?? ''
    const status = async (path: string, as: ViewerName) =>
      (await one.ask(webex, path, { as })).status
    expect(await status(next.replace('max=1', 'max=9'), 'colleague')).toBe(200)
    expect(await status(next.replace('displayName=Of', 'displayName=O'), 'admin')).toBe(400)
    expect(await status(next.replace('displayName=Of', ''), 'admin')).toBe(400)
    expect(await status(`${next}0`, 'admin')).toBe(400)
    expect(await status(next, 'outsider')).toBe(400)
  })

  it('have an address of any characters in their filter', async () => {
    const odd = 'o\'dd;"<>&=+ü@example.com'
    const one = await world({ ada: { ...ada, emails: [newEmail(odd, ada.createdAt)] } })
    const { body } = await list(one, `?email=${encodeURIComponent(odd)}`, 'colleague')
    expect(idsIn(body)).toEqual([ada.id])
  })
})
