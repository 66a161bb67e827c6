import Type, { type TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { type Answer, type ViewerName, type World, world } from '../../../test/world.ts'
import { newEmail } from '../../person/emails.ts'
import type { Person } from '../../person/person.ts'
import { docspace } from './index.ts'
import { DocSpacePerson, DocSpaceProblem, Existence, enveloped, ShortPerson } from './schema.ts'

const root = '/api/2.0/people'
const { ada, askers } = cast

const wrapping = (item: TSchema) => Compile(enveloped(Type.Array(item), { total: Type.Integer() }))
const isList = wrapping(DocSpacePerson)
const isShortList = wrapping(ShortPerson)
const isProblem = Compile(DocSpaceProblem)

const asking = (one: World, as: ViewerName) => (path: string) => one.ask(docspace, path, { as })

async function list(one: World, path: string, as: ViewerName = 'admin'): Promise<Answer> {
  const answer = await asking(one, as)(path)
  expect(answer.status).toBe(200)
  expect(answer.body.count).toBe(answer.body.response.length)
  return answer
}

const idsOf = ({ body }: Answer): string[] => body.response.map(({ id }: { id: string }) => id)

const others = (changes: Readonly<Record<string, Partial<Person>>>): Person[] =>
  Object.entries(changes).map(([name, change]) => ({
    ...askers[name as keyof typeof askers],
    ...change,
  }))

const homeActive = [
  ada,
  cast.manager,
  cast.creator,
  cast.reportee,
  cast.groupManager,
  askers.owner,
  askers.admin,
  askers.colleague,
  askers.barred,
].map(({ id }) => id)

describe('lists of docspace', () => {
  it('has everybody active of the caller’s organization, in whole', async () => {
    const one = await world()
    const answer = await list(one, root)
    expect(isList.Errors(answer.body)).toEqual([])
    expect(idsOf(answer).sort()).toEqual([...homeActive].sort())
    expect(answer.body.total).toBe(homeActive.length)
    expect(Object.keys(answer.body)).toEqual([
      'response',
      'count',
      'total',
      'links',
      'status',
      'statusCode',
    ])
    expect(answer.body.links).toEqual([{ href: `https://people.example${root}`, action: 'GET' }])
    for (const person of answer.body.response) {
      const alone = await asking(one, 'admin')(`${root}/${person.id}`)
      expect(alone.body.response).toEqual(person)
    }
  })

  it.each([`${root}/simple/filter`, `${root}/search?query=zz`])(
    'tells little at %s',
    async (path) => {
      const answer = await list(await world(), path, 'colleague')
      expect(isShortList.Errors(answer.body)).toEqual([])
      expect(answer.body.count).toBeGreaterThan(3)
    },
  )

  it.each([
    ['Active', homeActive.length],
    ['active', homeActive.length],
    ['1', homeActive.length],
    ['Default', homeActive.length],
    ['5', homeActive.length],
    ['Terminated', 1],
    ['2', 1],
    ['Pending', 0],
    ['4', 0],
    ['All', homeActive.length + 1],
    ['7', homeActive.length + 1],
  ])('lists those of status %s', async (status, count) => {
    const { body } = await list(await world(), `${root}/status/${status}`)
    expect([body.count, body.total]).toEqual([count, count])
    const filtered = await list(await world(), `${root}/filter?employeeStatus=${status}`)
    expect(filtered.body.response).toEqual(body.response)
  })

  it('gives pages, each with the total', async () => {
    const one = await world()
    const all = idsOf(await list(one, `${root}?sortBy=id`))
    const pages: string[] = []
    for (let at = 0; at < all.length + 3; at += 2) {
      const page = await list(one, `${root}?sortBy=id&count=2&startIndex=${at}`)
      expect(page.body.total).toBe(all.length)
      expect(page.body.count).toBe(Math.max(0, Math.min(2, all.length - at)))
      pages.push(...idsOf(page))
    }
    expect(pages).toEqual(all)
    expect(all).toEqual(all.toSorted())
    expect((await list(one, `${root}?startIndex=2147483647`)).body.total).toBe(all.length)
  })

  it.each([
    'count=0',
    'count=101',
    'count=1.5',
    'count=x',
    'startIndex=-1',
    'startIndex=9e9',
    'startIndex=99999999999',
    'sortOrder=upwards',
    'sortBy=usedspace',
    'sortBy=constructor',
    'filterBy=title&filterValue=x',
  ])('says of %s what is wrong with it, in the body for that', async (query) => {
    const answer = await asking(await world(), 'admin')(`${root}?${query}`)
    expect(answer.status).toBe(400)
    expect(isProblem.Errors(answer.body)).toEqual([])
    const field = query.split('=')[0] ?? ''
    expect(Object.keys(answer.body.response.errors)).toEqual([field])
  })

  it.each([
    'employeeStatus=3',
    'groupId=x',
    'activationStatus=Done',
    'employeeType=5',
    'employeeTypes=User&employeeTypes=x',
    'isAdministrator=maybe',
    'withoutGroup=2',
    'area=Moon',
    'payments=2',
    'quotaFilter=Custom',
    'accountLoginType=LDAP',
    'invitedByMe=true',
  ])('does not answer a filter %s as if it had not been asked', async (query) => {
    const answer = await asking(await world(), 'admin')(`${root}/filter?${query}`)
    expect(isProblem.Errors(answer.body)).toEqual([])
    expect(answer.status).toBe(400)
  })

  it('orders by what is asked for, both ways, and by id among the same', async () => {
    const named = others({
      owner: { givenName: 'Same', familyName: 'B' },
      admin: { givenName: 'Same', familyName: 'A' },
      colleague: { givenName: 'Aaron' },
    })
    const one = await world({ others: named })
    const { owner, admin, colleague } = askers
    const first = idsOf(await list(one, root))
    expect(first.slice(0, 2)).toEqual([colleague.id, ada.id])
    expect(first.indexOf(owner.id)).toBe(first.indexOf(admin.id) - 1)
    const last = idsOf(await list(one, `${root}?sortBy=LASTNAME&sortOrder=descending`))
    // Those without a name come before them.
    expect(last.slice(-3)).toEqual([ada.id, owner.id, admin.id])
    const again = idsOf(await list(one, `${root}?SortBy=lastName&sortorder=1`))
    expect(again).toEqual(last)
    const dated = idsOf(await list(one, `${root}?sortBy=registrationDate`))
    expect(dated).toEqual(dated.toSorted())
  })

  it.each([
    ['isAdministrator=true', [askers.owner.id, askers.admin.id]],
    ['employeeType=DocSpaceAdmin', [askers.owner.id, askers.admin.id]],
    ['employeeType=3', [askers.owner.id, askers.admin.id]],
    ['employeeType=RoomAdmin', [ada.id]],
    ['employeeTypes=RoomAdmin&employeeTypes=3', [ada.id, askers.owner.id, askers.admin.id]],
    ['payments=Paid', [ada.id, askers.owner.id, askers.admin.id]],
    ['groupId=96000000-5555-4555-8555-555555555555', [ada.id]],
    ['groupId=96000000-5555-4555-8555-555555555556', []],
    ['activationStatus=4', []],
    ['area=Guests', []],
    ['employeeStatus=Terminated&activationStatus=Activated', [askers.suspended.id]],
    ['filterValue=CANARYD', [ada.id]],
    ['filterValue=canarygiven%20canaryfamily', [ada.id]],
    ['filterValue=canarygiven%20manager', []],
    ['filterValue=canary.mail@ada-canary.example', [ada.id]],
    ['filterValue=canaryd|zzmanager&filterSeparator=|', [ada.id, cast.manager.id]],
    ['filterValue=%21%21', []],
    ['filterBy=group&filterValue=96000000-5555-4555-8555-555555555555', undefined],
  ])('filters by %s', async (query, ids) => {
    const answer = await list(await world(), `${root}/filter?${query}`)
    if (ids) expect(idsOf(answer).sort()).toEqual([...ids].sort())
    expect(answer.body.total).toBe(answer.body.count)
  })

  it('refuses to look for more texts at once than can be answered in time', async () => {
    const one = await world()
    const parts = (count: number) => Array.from({ length: count }, (_, at) => `t${at}`).join(',')
    for (const path of [`${root}/filter?`, `${root}?`]) {
      const sought = (count: number) =>
        asking(one, 'admin')(`${path}filterSeparator=,&filterValue=${parts(count)},t1`)
      expect((await sought(32)).status).toBe(200)
      const { status, body } = await sought(33)
      expect(status).toBe(400)
      expect(body.response.errors.filterValue).toEqual([
        'At most 32 texts are sought at once; these are 33.',
      ])
    }
  })

  it('leaves out a group, or takes those without any', async () => {
    const one = await world()
    const group = cast.groups[0].group.id
    const all = homeActive.length + 1
    const without = idsOf(await list(one, `${root}/filter?withoutGroup=true`))
    expect([without.length, without.includes(ada.id)]).toEqual([all - 1, false])
    const outside = idsOf(await list(one, `${root}/filter?groupId=${group}&excludeGroup=true`))
    expect(outside.sort()).toEqual(without.sort())
    const inside = await list(one, `${root}?filterBy=group&filterValue=${group}`)
    expect(idsOf(inside)).toEqual([ada.id])
  })

  it('finds by text, everywhere that it can be asked', async () => {
    const one = await world()
    for (const path of [
      `${root}/search?query=canarygiven`,
      `${root}/@search/canarygiven`,
      `${root}/%40search/canary%67iven`,
      `${root}/status/1/search?query=canarygiven`,
      `${root}?filterValue=canarygiven`,
      `/docspace${root}/search?Query=canarygiven`,
    ]) {
      expect(idsOf(await list(one, path))).toEqual([ada.id])
    }
    expect((await list(one, `${root}/search`)).body).toMatchObject({ count: 0, total: 0 })
    const group = cast.groups[0].group.id
    const inside = `${root}/@search/canary?filterBy=group&filterValue=${group}`
    expect(idsOf(await list(one, inside))).toEqual([ada.id])
    const none = `${root}/@search/zzowner?filterBy=group&filterValue=${group}`
    expect(idsOf(await list(one, none))).toEqual([])
  })

  it('looks up by e-mail address, and tells whether there is one', async () => {
    const one = await world()
    const by = asking(one, 'colleague')
    const found = await by(`${root}/email?email=CANARY.mail@ada-canary.example`)
    expect(found.body.response.id).toBe(ada.id)
    const second = await by(`${root}/email?email=canary.second@ada-canary.example`)
    expect(second.body.response.id).toBe(ada.id)
    expect((await by(`${root}/email?email=nobody@ada-canary.example`)).status).toBe(404)
    for (const path of ['email', 'exists', 'email?email=', 'exists?encemail=x']) {
      const answer = await by(`${root}/${path}`)
      expect([answer.status, answer.body.error.message]).toEqual([400, 'Incorrect email'])
    }
    const exists = await by(`${root}/exists?email=canary.mail@ada-canary.example`)
    expect(Compile(enveloped(Existence)).Errors(exists.body)).toEqual([])
    expect(exists.body.response).toEqual({ exists: true, status: 1 })
    const missing = await by(`${root}/exists?email=nobody@ada-canary.example`)
    expect(missing.body.response).toEqual({ exists: false })
    const outside = asking(one, 'outsider')
    const abroad = await outside(`${root}/exists?email=canary.mail@ada-canary.example`)
    expect(abroad.body.response).toEqual({ exists: false })
  })

  it('trims every item of a list to the fields asked for', async () => {
    const { body } = await list(await world(), `${root}?fields=id,groups.name&count=100`)
    const her = body.response.find(({ id }: { id: string }) => id === ada.id)
    expect(her).toEqual({ groups: [{ name: 'Canary & Group' }], id: ada.id })
    expect(body.total).toBe(homeActive.length)
  })

  it('tells whoever asks with a good key that it is one', async () => {
    const one = await world()
    const path = '/api/2.0/authentication'
    const { body } = await asking(one, 'service')(path)
    expect(body).toMatchObject({ response: true, count: 1, status: 0, statusCode: 200 })
    expect((await one.ask(docspace, path)).status).toBe(401)
  })
})

describe('lists of docspace and what is hidden', () => {
  const everywhere = [
    `${root}?count=100`,
    `${root}/filter?count=100`,
    `${root}/simple/filter`,
    `${root}/status/All`,
    `${root}/search?query=canarygiven`,
    `${root}/@search/canarygiven`,
    `${root}/filter?groupId=${cast.groups[0].group.id}`,
    `${root}/filter?employeeType=RoomAdmin`,
    `${root}/exists?email=canary.mail@ada-canary.example`,
  ]

  it.each(everywhere)('%s has nobody whom the caller may not know of', async (path) => {
    const hidden = await world({ ada: { ...ada, audiences: { existence: 'nobody' } } })
    const { ada: gone, ...rest } = { ada: { ...ada, lifecycle: 'deleted' as const } }
    const absent = await world({ ...rest, ada: gone, groups: cast.groups })
    for (const as of ['colleague', 'service'] as const) {
      const one = await asking(hidden, as)(path)
      expect(one.text).toBe((await asking(absent, as)(path)).text)
      expect(one.text).not.toContain(ada.id)
    }
  })

  it.each([
    ['contact', 'filterValue=canary.mail@ada-canary.example'],
    ['contact', 'filterValue=14085267209'],
    ['name', 'filterValue=canarygiven'],
    ['account', 'employeeType=RoomAdmin'],
    ['account', 'activationStatus=1'],
    ['work', `groupId=${cast.groups[0].group.id}`],
  ] as const)('finds nobody by a hidden %s with %s', async (audience, query) => {
    const path = `${root}/filter?${query}`
    const shown = await world()
    expect(idsOf(await list(shown, path, 'service'))).toContain(ada.id)
    const hidden = await world({ ada: { ...ada, audiences: { [audience]: 'nobody' } } })
    expect(idsOf(await list(hidden, path, 'service'))).not.toContain(ada.id)
    expect(idsOf(await list(hidden, path, 'admin'))).toContain(ada.id)
  })

  it('takes somebody whose account is hidden for active, as it is shown', async () => {
    const hidden: Person = { ...ada, lifecycle: 'suspended', audiences: { account: 'nobody' } }
    const one = await world({ ada: hidden })
    const seen = await list(one, root, 'colleague')
    expect(idsOf(seen)).toContain(ada.id)
    expect(idsOf(await list(one, `${root}/status/2`, 'colleague'))).not.toContain(ada.id)
    expect(idsOf(await list(one, `${root}/status/2`, 'admin'))).toContain(ada.id)
  })

  it('puts nobody in order by what is hidden', async () => {
    const by = `${root}?sortBy=email`
    const mail = (value: string) => ({ emails: [newEmail(value, ada.createdAt)] })
    const first = others({ colleague: mail('a@x.example'), owner: mail('b@x.example') })
    const swapped = others({ colleague: mail('b@x.example'), owner: mail('a@x.example') })
    const hiding = (people: Person[]) =>
      people.map((person) => ({ ...person, audiences: { contact: 'nobody' as const } }))
    const [one, other] = [
      await world({ others: hiding(first) }),
      await world({ others: hiding(swapped) }),
    ]
    expect((await list(one, by, 'service')).text).toBe((await list(other, by, 'service')).text)
    expect(idsOf(await list(one, by))).not.toEqual(idsOf(await list(other, by)))
  })

  it('does not let a plain user find out by a filter who is in which group', async () => {
    const one = await world()
    const path = `${root}/filter?groupId=${cast.groups[0].group.id}`
    expect(idsOf(await list(one, path, 'colleague'))).toEqual([])
    expect(idsOf(await list(one, path, 'self'))).toEqual([ada.id])
    const without = idsOf(await list(one, `${root}/filter?withoutGroup=true`, 'colleague'))
    expect(without).toContain(ada.id)
  })

  it('has only people of the caller’s own organization', async () => {
    const answer = await list(await world(), `${root}/status/7`, 'outsider')
    const { connection, coAttendee, outsider } = askers
    expect(idsOf(answer).sort()).toEqual([connection.id, coAttendee.id, outsider.id].sort())
  })
})
