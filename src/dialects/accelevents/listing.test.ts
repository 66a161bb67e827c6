import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { type ViewerName, type World, type WorldOptions, world } from '../../../test/world.ts'
import { accelevents } from './index.ts'
import { AcceleventsPeople, AcceleventsRoster } from './schema.ts'

const event = `/rest/event/${cast.event.url}`
const roster = `/rest/events/${cast.event.url}/staff/allAttendees`
const { askers } = cast
const json = { 'content-type': 'application/json' }
const isPeople = Compile(AcceleventsPeople)
const isRoster = Compile(AcceleventsRoster)

/** As the vendor's page has it for everybody. */
const everybody = {
  ...{
    page: 0,
    size: 100,
    searchString: '',
    title: [],
    company: [],
    interest: [],
    interestIds: [],
  },
}

const post = (one: World, path: string, body: unknown, as: ViewerName) =>
  one.ask(accelevents, `${event}/people${path}`, {
    ...{ as, method: 'POST', headers: json },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  })

async function people(request: object, as: ViewerName, options: WorldOptions = {}, path = '') {
  return post(await world(options), path, { ...everybody, ...request }, as)
}

const found = async (request: object, as: ViewerName, options: WorldOptions = {}, path = '') =>
  namesIn((await people(request, as, options, path)).body)

const namesIn = ({ data }: { data: { userId: number }[] }): string[] =>
  data.map(({ userId }) => names.get(userId) ?? String(userId)).toSorted()

const names = new Map(
  Object.entries({ ada: cast.ada, ...askers }).map(([name, { number }]) => [number, name]),
)

const all = ['ada', 'coAttendee', 'colleague', 'connection']

describe('accelevents: the list of people', () => {
  it.each(cast.viewerNames)('tells %s of people as each is told alone', async (as) => {
    const one = await world()
    const { status, body, text } = await post(one, '', everybody, as)
    if (as === 'outsider') {
      expect([status, body.errorCode]).toEqual([404, 4040200])
      return
    }
    expect(status).toBe(200)
    expect(isPeople.Errors(body)).toEqual([])
    expect(Object.keys(body)).toEqual(['recordsTotal', 'recordsFiltered', 'data'])
    expect(namesIn(body)).toEqual(all)
    for (const person of body.data) {
      const alone = await one.ask(accelevents, `${event}/people/${person.id}`, { as })
      expect(alone.body).toEqual(person)
    }
    for (const secret of cast.secretsFrom[as]) {
      if (!/^(Group|Zz|a000)/.test(secret)) expect(text).not.toContain(secret)
    }
  })

  it('is of everybody where nothing is asked, ten on a page', async () => {
    const one = await world()
    for (const request of [undefined, {}, { searchString: null, title: null }]) {
      const { body } = await post(one, '', request, 'admin')
      expect([namesIn(body), body.recordsTotal, body.recordsFiltered]).toEqual([all, 4, 4])
    }
  })

  it('is cut into pages from 0', async () => {
    const one = await world()
    const seen: string[] = []
    for (const page of [0, 1, 2]) {
      const { body } = await post(one, '', { ...everybody, page, size: 3 }, 'admin')
      expect(body).toMatchObject({ recordsTotal: 4, recordsFiltered: 4 })
      seen.push(...namesIn(body))
    }
    expect(seen.toSorted()).toEqual(all)
  })

  it.each([
    ['a first name', { searchString: 'canarygi' }, ['ada']],
    ['a last name in other letters', { searchString: 'CÁNARYFAM' }, ['ada']],
    ['two words of a name', { searchString: 'canarygiven canaryfamily' }, ['ada']],
    ['a word that nobody has with one that somebody has', { searchString: 'canarygiven x9' }, []],
    ['a part of a title', { searchString: 'nary tit' }, ['ada']],
    ['a part of a company', { searchString: 'nary comp' }, ['ada']],
    ['a part of an interest', { searchString: 'interest-o' }, ['ada']],
    ['nothing that could be a word', { searchString: '!!!' }, []],
    ['a title', { title: ['nobody’s', 'canary title'] }, ['ada']],
    ['a part of a title, which is none', { title: ['canary'] }, []],
    ['a company', { company: ['CANARY COMPANY'] }, ['ada']],
    ['an interest', { interest: ['canary-interest-two'] }, ['ada']],
    ['an interest by its id, which is its name', { interestIds: ['canary-interest-one'] }, ['ada']],
    ['a company and somebody else’s title', { company: ['canary company'], title: ['x'] }, []],
  ])('finds by %s', async (_, request, expected) => {
    const { body } = await people(request, 'admin')
    expect(namesIn(body)).toEqual(expected)
    expect(body).toMatchObject({ recordsTotal: 4, recordsFiltered: expected.length })
  })

  it.each([
    { title: ['canary title'] },
    { company: ['canary company'] },
    { interest: ['canary-interest-one'] },
    { searchString: 'canary title' },
    { searchString: 'interest-one' },
    { searchString: 'canary.mail@ada-canary.example' },
    { searchString: '1 (408) 526-7209' },
    { searchString: 'canary.username' },
  ])('finds nobody by %j where that may not be seen', async (request) => {
    const { body } = await people(request, 'coAttendee')
    expect(body).toEqual({ recordsTotal: 4, recordsFiltered: 0, data: [] })
    expect(await found(request, 'admin')).toEqual(['ada'])
  })

  it('does not count who may not be known to be there', async () => {
    const hidden: WorldOptions = { ada: { ...cast.ada, audiences: { existence: 'nobody' } } }
    const { body } = await people({}, 'colleague', hidden)
    expect([namesIn(body), body.recordsTotal, body.recordsFiltered]).toEqual([all.slice(1), 3, 3])
  })

  it('takes the switches of a person alone', async () => {
    const options = { switches: { accelevents: { omitNull: true, displayNames: true } } }
    const { body } = await people({ searchString: 'canarygiven' }, 'admin', options)
    expect(body.data[0].acceptMeetingRequests).toBe('My Connection')
    expect(body.data[0]).not.toHaveProperty('rejectedBy')
  })

  it.each([
    { page: -1 },
    { page: 1.5 },
    { page: '0' },
    { page: 1e12 },
    { size: 0 },
    { size: 101 },
    { searchString: 5 },
    { searchString: 'x'.repeat(256) },
    { title: 'one' },
    { company: [5] },
    { interest: Array(101).fill('x') },
  ])('refuses %j', async (request) => {
    const { status, body } = await people(request, 'admin')
    expect([status, Object.keys(body)]).toEqual([400, ['message']])
  })

  it('is of no event where there is none, or none for the caller', async () => {
    const one = await world()
    for (const path of ['', '/connected', '/suggested', '/myConnections']) {
      const { text, status } = await post(one, path, everybody, 'outsider')
      expect([status, text]).toEqual([404, '{"errorCode":4040200,"message":"Event not found."}'])
    }
  })
})

describe('accelevents: chosen lists', () => {
  const at =
    (path: string) =>
    (as: ViewerName, options: WorldOptions = {}, request: object = {}) =>
      found(request, as, options, path)

  it.each(['/connected', '/myConnections'])(
    '%s has those with whom the caller is connected',
    async (path) => {
      const list = at(path)
      expect(await list('self')).toEqual(['connection'])
      expect(await list('connection')).toEqual(['ada'])
      for (const as of ['colleague', 'coAttendee', 'service', 'admin'] as const) {
        expect(await list(as)).toEqual([])
      }
      expect(await list('connection', {}, { searchString: 'canarygiven' })).toEqual(['ada'])
      expect(await list('connection', {}, { searchString: 'nobody' })).toEqual([])
      const asked = [
        { ...cast.connections[0], state: 'requested' } as (typeof cast.connections)[number],
      ]
      expect(await list('self', { connections: asked })).toEqual([])
      const { body } = await people({}, 'self', {}, path)
      expect(body).toMatchObject({ recordsTotal: 4, recordsFiltered: 1 })
    },
  )

  const alike = (audience: 'event' | 'nobody'): WorldOptions => ({
    others: [askers.coAttendee, askers.colleague, askers.connection].map((person) => ({
      ...person,
      interests: ['Canary-Interest-ONE'],
      audiences: { profile: audience },
    })),
  })

  it('/suggested has those who share an interest that may be seen, and are not connected', async () => {
    const list = at('/suggested')
    expect(await list('self', alike('event'))).toEqual(['coAttendee', 'colleague'])
    expect(await list('self', alike('nobody'))).toEqual([])
    expect(await list('self')).toEqual([])
    expect(await list('service', alike('event'))).toEqual([])
  })
})

describe('accelevents: all attendees', () => {
  const ask = async (query: string, as: ViewerName, options: WorldOptions = {}) =>
    (await world(options)).ask(accelevents, roster + query, { as })

  it('are those of the event, in the order of the vendor’s fields', async () => {
    const { status, body } = await ask('?page=0&size=100&dataType=TICKET', 'admin')
    expect(status).toBe(200)
    expect(isRoster.Errors(body)).toEqual([])
    expect(Object.keys(body)).toEqual(['attendees', 'recordsFiltered', 'recordsTotal'])
    expect(body).toMatchObject({ recordsFiltered: 4, recordsTotal: 4 })
    expect(body.attendees).toContainEqual({
      attendeeId: cast.attendees.ada.number,
      barcode: null,
      email: 'canary.mail@ada-canary.example',
      firstName: 'CanaryGiven',
      lastName: 'CanaryFamily',
      status: null,
      ticketStatus: null,
      ticketType: null,
    })
  })

  it('are found and cut into pages', async () => {
    const { body } = await ask('?searchString=canarygiven', 'admin')
    expect(body).toMatchObject({ recordsFiltered: 1, recordsTotal: 4 })
    const pages = await Promise.all([0, 1, 2].map((page) => ask(`?size=3&page=${page}`, 'admin')))
    expect(pages.map((page) => page.body.attendees.length)).toEqual([3, 1, 0])
  })

  it('tell nobody more than they may see', async () => {
    const { body } = await ask('?searchString=canarygiven', 'coAttendee')
    expect(body.attendees).toMatchObject([{ email: null, firstName: 'CanaryGiven' }])
    expect((await ask('?searchString=canary.mail', 'coAttendee')).body.attendees).toEqual([])
    expect((await ask('', 'outsider')).status).toBe(404)
  })

  it.each(['?page=-1', '?page=x', '?size=0', '?size=101', '?size=1e1'])(
    'refuse %s',
    async (query) => {
      expect((await ask(query, 'admin')).status).toBe(400)
    },
  )
})
