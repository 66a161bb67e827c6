import sharp from 'sharp'
import { describe, expect, it } from 'vitest'
import { accelevents } from '../src/dialects/accelevents/index.ts'
import { chakra } from '../src/dialects/chakra/index.ts'
import type { Dialect } from '../src/dialects/dialect.ts'
import { docspace } from '../src/dialects/docspace/index.ts'
import { house } from '../src/dialects/house/index.ts'
import { rinkel } from '../src/dialects/rinkel/index.ts'
import { scim } from '../src/dialects/scim/index.ts'
import { webex } from '../src/dialects/webex/index.ts'
import type { Person } from '../src/person/person.ts'
import { memoryFiles } from '../src/pictures/memory-files.ts'
import * as cast from './cast.ts'
import { cornersOf, hugeJpeg, picture, png } from './pictures.ts'
import { type Answer, type World, type WorldOptions, world } from './world.ts'

const { avatar: _, cover: __, ...bare } = cast.ada
const plain: Person = bare

const own = `/api/v1/people/${cast.ada.id}`
const jpegOf = (width = 900, height = 600) => picture(width, height).jpeg().toBuffer()
const asJpeg = { 'content-type': 'image/jpeg' }

/** A world in which Ada has put up a picture of each kind. */
async function hung(options: WorldOptions = {}) {
  const files = options.files ?? memoryFiles(() => cast.testNow)
  const one = await world({ ada: plain, ...options, files })
  for (const kind of ['avatar', 'cover']) await putUp(one, kind)
  return { one, files }
}

async function putUp(one: World, kind = 'avatar', bytes?: Buffer): Promise<Answer> {
  const body = bytes ?? (await jpegOf())
  return one.ask(house, `${own}/${kind}`, { as: 'self', method: 'PUT', headers: asJpeg, body })
}

const local = (address: string) => address.replace('https://people.example', '')

/** Every address of a hosted picture in an answer. */
const addressesIn = (text: string): string[] =>
  [...text.matchAll(/(?:https:\/\/people\.example)?(\/pictures\/[^"\\]+)/g)].map(
    ([, path]) => path ?? '',
  )

const formats = new Map([
  ['webp', 'webp'],
  ['png', 'png'],
])

describe('my own pictures', () => {
  it.each(['avatar', 'cover'])(
    'are put up, seen and taken away under /me/%s, too',
    async (kind) => {
      const one = await world({ ada: plain })
      const mine = `/api/v1/me/${kind}`
      const ask = (method: string, body?: Buffer) =>
        one.ask(house, mine, { as: 'self', method, headers: asJpeg, ...(body && { body }) })
      expect((await ask('PUT', await jpegOf())).status).toBe(204)
      const [own, named] = await Promise.all(
        [mine, `/api/v1/people/${cast.ada.id}/${kind}`].map((path) =>
          one.ask(house, path, { as: 'self', headers: { accept: 'image/webp' } }),
        ),
      )
      expect(own?.status).toBe(200)
      expect(own?.bytes.equals(named?.bytes ?? Buffer.alloc(0))).toBe(true)
      expect((await ask('DELETE')).status).toBe(204)
      const after = await one.store.people.byId(cast.ada.id)
      expect(after?.person[kind as 'avatar' | 'cover']).toBeUndefined()
      expect((await one.ask(house, mine, { as: 'service' })).status).toBe(404)
    },
  )
})

describe('a picture that is kept here', () => {
  it('is shown in every dialect, in its sizes, by addresses that open without a key', async () => {
    const { one } = await hung()
    const wanted: readonly (readonly [Dialect, string, readonly string[]])[] = [
      [webex, one.pathOf(webex), ['1600.png']],
      [chakra, one.pathOf(chakra), ['500.webp', '1600.webp']],
      [docspace, one.pathOf(docspace), ['82.webp', '1280.webp', '200.webp', '48.webp', '32.webp']],
      [scim, one.pathOf(scim), ['500.webp']],
      [
        docspace,
        `/api/2.0/people/${cast.ada.id}/photo`,
        ['1280.webp', '360.webp', '200.webp', '82.webp', '48.webp', '32.webp'],
      ],
    ]
    for (const [dialect, path, forms] of wanted) {
      const { status, text } = await one.ask(dialect, path, { as: 'colleague' })
      expect(status).toBe(200)
      const addresses = addressesIn(text)
      expect(addresses.map((address) => address.split('/').at(-1))).toEqual(forms)
      for (const address of addresses) {
        const opened = await one.ask(house, address)
        expect(opened.status).toBe(200)
        expect(opened.headers['cache-control']).toBe('private, max-age=31536000, immutable')
        const [size, format = ''] = address.split('/').at(-1)?.split('.') ?? []
        expect(opened.headers['content-type']).toBe(`image/${format}`)
        const made = await sharp(opened.bytes).metadata()
        expect(made.format).toBe(formats.get(format))
        expect(Math.max(made.width, made.height)).toBe(
          Math.min(Number(size), address.includes('/cover/') || Number(size) > 500 ? 900 : 600),
        )
        const again = await one.ask(house, address, {
          headers: { 'if-none-match': opened.headers.etag ?? '' },
        })
        expect([again.status, again.bytes.length]).toEqual([304, 0])
      }
    }
    const { body } = await one.ask(docspace, one.pathOf(docspace), { as: 'colleague' })
    expect(body.response.hasAvatar).toBe(true)
    expect(body.response.avatar).toMatch(/^\/pictures\//)
    const met = await one.ask(accelevents, one.pathOf(accelevents), { as: 'coAttendee' })
    expect(met.body.photo).toMatch(/^[0-9a-f]{64}-/)
  })

  it('is served by rinkel itself, at its signed address, 250 and 500 pixels wide', async () => {
    const { one } = await hung()
    const { body } = await one.ask(rinkel, one.pathOf(rinkel), { as: 'colleague' })
    for (const [name, size] of [
      ['small', 250],
      ['large', 500],
    ] as const) {
      const opened = await one.ask(rinkel, local(body.avatarUrls[name]))
      const { width, height } = await sharp(opened.bytes).metadata()
      expect([opened.status, width, height]).toEqual([200, size, size])
    }
  })

  it('has the same address in each answer, so that answers stay the same', async () => {
    const { one } = await hung()
    for (const dialect of [webex, chakra, docspace, scim]) {
      const ask = () => one.ask(dialect, one.pathOf(dialect), { as: 'colleague' })
      const [first, second] = [await ask(), await ask()]
      expect(second.headers.etag).toBe(first.headers.etag)
      expect(second.text).toBe(first.text)
    }
  })

  it('changes the answers that were kept when it changes', async () => {
    const { one } = await hung()
    for (const dialect of [webex, chakra, docspace, scim, rinkel]) {
      const ask = () => one.ask(dialect, one.pathOf(dialect), { as: 'colleague' })
      const first = await ask()
      const [wide] = addressesIn(first.text)
      await putUp(one, 'avatar', await jpegOf(400, 500))
      const second = await ask()
      if (dialect !== rinkel) expect(addressesIn(second.text)[0]).not.toBe(wide)
      await one.ask(house, `${own}/avatar`, { as: 'self', method: 'DELETE' })
      expect((await ask()).text).not.toBe(second.text)
      await putUp(one)
    }
  })

  it('comes back as it was where a client sends back what it was shown', async () => {
    const { one } = await hung()
    const before = (await one.store.people.byId(cast.ada.id))?.person
    const shown = await one.ask(scim, one.pathOf(scim), { as: 'admin' })
    const back = {
      headers: { 'content-type': 'application/scim+json' },
      as: 'admin',
      method: 'PUT',
    } as const
    const answer = await one.ask(scim, one.pathOf(scim), { ...back, body: shown.text })
    expect([answer.status, answer.body.photos]).toEqual([200, shown.body.photos])
    const json = {
      headers: { 'content-type': 'application/json' },
      as: 'admin',
      method: 'PUT',
    } as const
    const { body: person } = await one.ask(webex, one.pathOf(webex), { as: 'admin' })
    expect(
      (await one.ask(webex, one.pathOf(webex), { ...json, body: JSON.stringify(person) })).status,
    ).toBe(200)
    const { body: user } = await one.ask(chakra, one.pathOf(chakra), { as: 'admin' })
    const { profileImageUrl, coverImageUrl } = user._data
    const body = JSON.stringify({ profileImageUrl, coverImageUrl })
    expect((await one.ask(chakra, one.pathOf(chakra), { ...json, body })).status).toBe(200)
    const { body: member } = await one.ask(docspace, one.pathOf(docspace), { as: 'admin' })
    const files = JSON.stringify({ files: member.response.avatarMax })
    expect((await one.ask(docspace, one.pathOf(docspace), { ...json, body: files })).status).toBe(
      200,
    )
    const after = (await one.store.people.byId(cast.ada.id))?.person
    expect([after?.avatar, after?.cover]).toEqual([before?.avatar, before?.cover])
  })

  it('is never put into a record by an address that opens for one alone', async () => {
    const { one } = await hung()
    const { body } = await one.ask(webex, one.pathOf(webex), { as: 'colleague' })
    const json = {
      headers: { 'content-type': 'application/json' },
      as: 'admin',
      method: 'PUT',
    } as const
    const change = JSON.stringify({ profileImageUrl: body.avatar })
    const answer = await one.ask(chakra, one.pathOf(chakra), { ...json, body: change })
    expect([answer.status, answer.body._errors[0]]).toEqual([
      400,
      expect.stringMatching(/^profileImageUrl: an address/),
    ])
    const user = (await one.ask(scim, one.pathOf(scim), { as: 'admin' })).body
    const photos = [...user.photos, { value: body.avatar, type: 'thumbnail' }]
    const put = await one.ask(scim, one.pathOf(scim), {
      ...{ ...json, headers: { 'content-type': 'application/scim+json' } },
      body: JSON.stringify({ ...user, photos }),
    })
    expect([put.status, put.body.scimType]).toEqual([400, 'invalidValue'])
  })

  it('is not got into one by another spelling, or as something else', async () => {
    const { one } = await hung()
    const { body } = await one.ask(webex, one.pathOf(webex), { as: 'colleague' })
    const address: string = body.avatar
    const patch = (change: object) =>
      one.ask(house, '/api/v1/me', {
        ...{ as: 'self', method: 'PATCH', body: JSON.stringify(change) },
        headers: { 'content-type': 'application/json' },
      })
    const spellings = [
      address,
      address.toUpperCase().replace('HTTPS', 'https'),
      address.replace('/avatar/', '/./avatar/'),
      address.replace('/avatar/', '/x/../avatar/'),
      address.replace('/pictures/', '/a/../pictures/'),
      `https://elsewhere.example/?to=${address}`,
    ]
    for (const url of spellings) {
      const { status, body } = await patch({ avatar: { url } })
      expect([status, body.detail]).toEqual([400, expect.stringMatching(/^avatar: an address of/)])
    }
    for (const [field, change] of [
      ['videoIntro', { videoIntro: address }],
      ['videoIntro', { videoIntro: address.replace('/avatar/', '\\avatar/') }],
      ['profileUrl', { profileUrl: address }],
      ['socialLinks.linkedin', { socialLinks: { linkedin: address } }],
      [
        'contacts.1.value',
        {
          contacts: [
            { type: 'x', value: 'y' },
            { type: 'x', value: address },
          ],
        },
      ],
    ] as const) {
      const { status, body } = await patch(change)
      expect([status, body.detail]).toEqual([
        400,
        expect.stringMatching(`^${field}: an address of`),
      ])
    }
    expect((await patch({ videoIntro: 'https://elsewhere.example/avatar/1.png' })).status).toBe(200)
  })
})

describe('the address of a picture', () => {
  const addressFor = async (one: World, as: 'colleague' | 'outsider' = 'colleague') => {
    const { body } = await one.ask(webex, one.pathOf(webex), { as })
    return local(body.avatar)
  }
  const quiet = ({ status, headers: { date: _, ...headers }, text }: Answer) => ({
    status,
    headers,
    text,
  })

  it('opens nothing once the picture is replaced, removed, hidden or gone with its person; forged ones never did', async () => {
    const { one } = await hung()
    const address = await addressFor(one)
    const [, , token = '', person = '', kind, hash = '', form] = address.split('/')
    expect((await one.ask(house, address)).status).toBe(200)
    const unknown = quiet(await one.ask(house, address.replace(person, crypto.randomUUID())))
    expect(unknown).toMatchObject({
      status: 404,
      text: expect.stringContaining('There is no such picture'),
    })
    const [keyId] = token.split('.')
    const tried = [
      `/pictures/${keyId}.${'0'.repeat(32)}/${person}/${kind}/${hash}/${form}`,
      `/pictures/x/${person}/${kind}/${hash}/${form}`,
      `/pictures/${token}/${person}/cover/${hash}/${form}`,
      `/pictures/${token}/${person}/${kind}/${'0'.repeat(64)}/${form}`,
      `/pictures/${token}/${cast.manager.id}/${kind}/${hash}/${form}`,
      `/pictures/${token}/${person}/${kind}/${hash}/1600.exe`,
      `/pictures/${token}/${person}/${kind}/${hash}/1601.png`,
      `/pictures/${token}/${person}/nose/${hash}/${form}`,
      `/pictures/${token}/nobody/${kind}/${hash}/${form}`,
      address.replace('/avatar/', '/%61vatar/'),
      address.replace('.webp', '%2ewebp'),
      address.replace('.png', '%2epng'),
      `${address}/`,
    ].filter((path) => path !== address)
    for (const path of tried) expect(quiet(await one.ask(house, path))).toEqual(unknown)

    await putUp(one, 'avatar', await jpegOf(300, 300))
    expect(quiet(await one.ask(house, address))).toEqual(unknown)
    await putUp(one)
    expect((await one.ask(house, address)).status).toBe(200)
    await one.ask(house, `${own}/avatar`, { as: 'self', method: 'DELETE' })
    expect(quiet(await one.ask(house, address))).toEqual(unknown)
    await putUp(one)

    const there = (await one.store.people.byId(cast.ada.id))?.person as Person
    const write = (change: Partial<Person>, version: number) =>
      one.store.commit(
        [{ kind: 'person', person: { ...there, ...change, version: there.version + version } }],
        ...(['test', there.updatedAt] as const),
      )
    await write({ audiences: { picture: 'connections' } }, 1)
    expect(quiet(await one.ask(house, address))).toEqual(unknown)
    await write({ audiences: { existence: 'connections' } }, 2)
    expect(quiet(await one.ask(house, address))).toEqual(unknown)
    await write({}, 3)
    expect((await one.ask(house, address)).status).toBe(200)
    await write({ lifecycle: 'deleted' }, 4)
    expect(quiet(await one.ask(house, address))).toEqual(unknown)
  })

  it('ends with the key that it was made for, as the key does', async () => {
    const { one } = await hung()
    const address = await addressFor(one)
    const { key } = one.keys.colleague
    const revoked = { ...key, revokedAt: key.createdAt }
    await one.store.commit([{ kind: 'key', key: revoked }], 'test', key.createdAt)
    expect((await one.ask(house, address)).status).toBe(401)
  })

  it('is another for each viewer, and tells of nobody else', async () => {
    const { one } = await hung()
    const [first, second] = [await addressFor(one), await addressFor(one, 'outsider')]
    expect(first).not.toBe(second)
    expect(first.split('/').slice(3)).toEqual(second.split('/').slice(3))
  })

  it('takes as many reads to open nothing for one reason as for another', async () => {
    const { one } = await hung()
    const address = await addressFor(one)
    const [, , , person = ''] = address.split('/')
    await one.ask(house, address)
    const people = one.store.people as { byId: World['store']['people']['byId'] }
    const read = people.byId.bind(people)
    let reads = 0
    people.byId = (...asked) => {
      reads += 1
      return read(...asked)
    }
    const costs: number[] = []
    const forged = address.replace(
      /\/pictures\/([^.]+)\.[0-9a-f]{32}/,
      `/pictures/$1.${'0'.repeat(32)}`,
    )
    for (const path of [forged, forged.replace(person, crypto.randomUUID())]) {
      reads = 0
      expect((await one.ask(house, path)).status).toBe(404)
      costs.push(reads)
    }
    await one.ask(house, `${own}/avatar`, { as: 'self', method: 'DELETE' })
    reads = 0
    expect((await one.ask(house, address)).status).toBe(404)
    costs.push(reads)
    expect(costs).toEqual([1, 1, 1])
  })
})

describe('hidden is the same as absent', () => {
  const viewers = ['colleague', 'coAttendee', 'outsider', 'service'] as const
  const dialects = [webex, chakra, docspace, scim, rinkel, accelevents, house]

  it('in every dialect that shows pictures', async () => {
    const files = memoryFiles(() => cast.testNow)
    const { one } = await hung({ files })
    const shown = (await one.store.people.byId(cast.ada.id))?.person as Person
    const hiding = { picture: 'nobody' } as const
    const { avatar: a, cover: c, ...rest } = shown
    const hidden = await world({ ada: { ...shown, version: 1, audiences: hiding }, files })
    const absent = await world({ ada: { ...rest, version: 1, audiences: hiding } })
    expect([a, c].every(Boolean)).toBe(true)
    for (const dialect of dialects) {
      for (const path of pathsTo(shown, dialect, one)) {
        for (const as of viewers) {
          const there = quiet(await hidden.ask(dialect, path, { as }))
          expect(there).toEqual(quiet(await absent.ask(dialect, path, { as })))
        }
      }
    }
  })

  /** Wherever a dialect shows a picture of somebody. */
  function pathsTo({ id, number, userName }: Person, dialect: Dialect, one: World): string[] {
    const ids = { id, number, userName, eventUrl: cast.event.url }
    const path = dialect.personPath(ids, one.seal.mark)
    return [
      ...(path === undefined ? [] : [path]),
      ...(dialect === house ? [`${own}/avatar`, `${own}/avatar?size=48`, `${own}/cover`] : []),
      ...(dialect === docspace ? [`/api/2.0/people/${id}/photo`] : []),
      ...(dialect === chakra ? [`/v1/ext/user/${id}/photo`] : []),
    ]
  }

  /** All of an answer that is not chance. */
  const quiet = ({ status, headers, bytes }: Answer) => {
    const { date: _date, trackingid, ...rest } = headers
    return {
      status,
      headers: rest,
      text: bytes.toString('latin1').replaceAll(trackingid ?? '-', ''),
    }
  }

  it('also where somebody tries to write to whom they may not know of', async () => {
    const one = await world({ ada: { ...plain, audiences: { existence: 'nobody' } } })
    const nobody = crypto.randomUUID()
    const body = await jpegOf()
    for (const method of ['PUT', 'DELETE', 'GET']) {
      for (const kind of ['avatar', 'cover']) {
        const ask = (id: string) =>
          one.ask(house, `/api/v1/people/${id}/${kind}`, {
            ...{ as: 'outsider', method, headers: asJpeg },
            ...(method === 'PUT' && { body }),
          })
        const [hidden, unknown] = [await ask(cast.ada.id), await ask(nobody)]
        expect([hidden.status, hidden.text]).toEqual([404, unknown.text])
      }
    }
  })
})

describe('our own way to put up a picture', () => {
  it('puts, gives and removes, and each is a line in the log', async () => {
    const one = await world({ ada: plain })
    const last = async () => (await one.store.changesAfter(0, 1000)).length
    const before = await last()
    const put = await putUp(one)
    expect([put.status, put.text]).toEqual([204, ''])
    expect(await last()).toBe(before + 1)
    const got = await one.ask(house, `${own}/avatar`, { as: 'colleague' })
    expect([got.status, got.headers['content-type']]).toEqual([200, 'image/webp'])
    expect(got.headers['content-security-policy']).toBe("default-src 'none'; sandbox")
    expect(await cornersOf(got.bytes)).toEqual([0, 1, 2, 3])
    // The same once more changes nothing.
    await putUp(one)
    expect(await last()).toBe(before + 1)
    const gone = await one.ask(house, `${own}/avatar`, { as: 'admin', method: 'DELETE' })
    expect(gone.status).toBe(204)
    expect(await last()).toBe(before + 2)
    expect((await one.store.people.byId(cast.ada.id))?.person.avatar).toBeUndefined()
  })

  it('gives what Accept wants most, and AVIF to those alone who take nothing else', async () => {
    const { one } = await hung()
    const cases = [
      [undefined, 'image/webp'],
      ['*/*', 'image/webp'],
      ['image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8', 'image/webp'],
      ['image/png,image/webp;q=0.5', 'image/png'],
      ['image/jpeg', 'image/jpeg'],
      ['image/avif', 'image/avif'],
    ] as const
    for (const [accept, type] of cases) {
      const headers: Record<string, string> = accept ? { accept } : {}
      const got = await one.ask(house, `${own}/avatar?size=82`, { as: 'self', headers })
      expect([got.status, got.headers['content-type']]).toEqual([200, type])
      const { format, width } = await sharp(got.bytes).metadata()
      expect([format, width]).toEqual([type === 'image/avif' ? 'heif' : type.slice(6), 82])
    }
    const none = await one.ask(house, `${own}/avatar`, {
      as: 'self',
      headers: { accept: 'text/html' },
    })
    expect(none.status).toBe(406)
    const odd = await one.ask(house, `${own}/avatar?size=83`, { as: 'self' })
    expect([odd.status, odd.body.detail]).toEqual([
      400,
      expect.stringMatching(/^size: must be one of 32, 48/),
    ])
  })

  it('gives initials where there is none, made of what the viewer may see', async () => {
    const one = await world({ ada: plain })
    const asked = (accept: string, as: 'colleague' | 'outsider' = 'colleague') =>
      one.ask(house, `${own}/avatar?size=200`, { as, headers: { accept } })
    const drawn = await asked('image/svg+xml,*/*')
    expect(drawn.headers['content-type']).toBe('image/svg+xml')
    expect(drawn.text).toMatch(/<text [^>]*>\p{Lu}+<\/text>/u)
    const raster = await asked('image/png')
    expect((await sharp(raster.bytes).metadata()).width).toBe(200)
    expect((await one.ask(house, `${own}/cover`, { as: 'colleague' })).status).toBe(404)
  })

  it('is for the person and their administrators alone', async () => {
    const one = await world({ ada: plain })
    const body = await jpegOf(40, 40)
    const put = async (as: 'colleague' | 'outsider' | 'service' | 'admin' | 'managingAdmin') =>
      (await one.ask(house, `${own}/avatar`, { as, method: 'PUT', headers: asJpeg, body })).status
    expect([await put('colleague'), await put('outsider'), await put('service')]).toEqual([
      403, 403, 403,
    ])
    expect((await one.store.people.byId(cast.ada.id))?.person.avatar).toBeUndefined()
    expect([await put('admin'), await put('managingAdmin')]).toEqual([204, 204])
    expect(
      (await one.ask(house, `${own}/avatar`, { method: 'PUT', headers: asJpeg, body })).status,
    ).toBe(401)
  })

  it('heeds If-Match, whatever form the version was told with', async () => {
    const { one } = await hung()
    const { headers } = await one.ask(house, `${own}/avatar?size=48`, {
      as: 'self',
      headers: { accept: 'image/png' },
    })
    const body = await jpegOf(300, 300)
    const put = async (condition: string | undefined) =>
      (
        await one.ask(house, `${own}/avatar`, {
          ...{ as: 'self', method: 'PUT', body },
          headers: { ...asJpeg, ...(condition && { 'if-match': condition }) },
        })
      ).status
    expect(await put('"other"')).toBe(412)
    expect(await put(headers.etag)).toBe(204)
    expect(await put(headers.etag)).toBe(412)
    expect(await put('*')).toBe(204)
  })

  it('never leaves the record without its bytes, nor old bytes without a record', async () => {
    const files = memoryFiles(() => cast.testNow)
    const { one } = await hung({ files })
    const named = async () => {
      const { avatar, cover } = (await one.store.people.byId(cast.ada.id))?.person ?? {}
      return [avatar?.id, cover?.id].sort()
    }
    const there = async () => (await files.of(cast.ada.id)).map(({ id }) => id).sort()
    expect(await there()).toEqual(await named())
    await Promise.all(
      [200, 210, 220, 230].map(async (side) => putUp(one, 'avatar', await jpegOf(side, side))),
    )
    expect(await there()).toEqual(await named())
    const { commit } = one.store
    one.store.commit = () => Promise.reject(new Error('the disk is full'))
    expect((await putUp(one, 'avatar', await jpegOf(77, 77))).status).toBe(500)
    one.store.commit = commit
    expect(await there()).toEqual(await named())
    await one.ask(house, `${own}/avatar`, { as: 'self', method: 'DELETE' })
    expect(await there()).toHaveLength(1)
  })

  it('has no picture where the bytes are missing, and says so in the log alone', async () => {
    const files = memoryFiles(() => cast.testNow)
    const { one } = await hung({ files })
    const { body } = await one.ask(webex, one.pathOf(webex), { as: 'colleague' })
    for (const { id } of await files.of(cast.ada.id)) await files.remove(cast.ada.id, id)
    expect((await one.ask(house, local(body.avatar))).status).toBe(404)
    const initials = await one.ask(house, `${own}/avatar`, { as: 'colleague' })
    expect([initials.status, initials.headers['content-type']]).toEqual([200, 'image/svg+xml'])
    expect(
      one.logged.some(({ msg }) => msg === 'a picture is not where the pictures are kept'),
    ).toBe(true)
  })
})

describe('what is no picture', () => {
  const put = async (one: World, body: Uint8Array, headers: Record<string, string> = asJpeg) =>
    one.ask(house, `${own}/avatar`, { as: 'self', method: 'PUT', headers, body })

  it('is a 4xx that says what would be right, and the server answers on', async () => {
    const one = await world({ ada: plain })
    const cut = (await jpegOf()).subarray(0, 2000)
    const cases: readonly (readonly [Uint8Array, number, RegExp])[] = [
      [new Uint8Array(), 400, /There is no picture; send JPEG/],
      [
        Buffer.from('<svg onload="alert(1)"/>'),
        400,
        /no picture of a kind that is taken: JPEG, PNG, WebP, AVIF or GIF/,
      ],
      [cut, 400, /JPEG picture is cut off/],
      [await hugeJpeg(), 400, /at most 50 million/],
      [png(60_000, 60_000, { rows: 1 }), 400, /at most 50 million/],
      [Buffer.alloc(10 * 1_048_576 + 1), 413, /10485760 bytes at most/],
    ]
    for (const [body, status, detail] of cases) {
      const answer = await put(one, body)
      expect([answer.status, answer.body.detail]).toEqual([status, expect.stringMatching(detail)])
      expect(answer.headers['content-type']).toContain('application/problem+json')
    }
    const text = await put(one, Buffer.from('{}'), { 'content-type': 'application/json' })
    expect([text.status, text.body.detail]).toEqual([415, expect.stringContaining('image/*')])
    const coded = await put(one, await jpegOf(), { ...asJpeg, 'content-encoding': 'gzip' })
    expect(coded.status).toBe(415)
    expect((await one.store.people.byId(cast.ada.id))?.person.avatar).toBeUndefined()
    expect((await put(one, await picture().png().toBuffer(), asJpeg)).status).toBe(204)
  })
})

it('has room for the next picture once it has answered about the last', async () => {
  const one = await world({ ada: plain })
  const body = Buffer.alloc(9 * 1_048_576)
  for (let count = 0; count < 9; count += 1)
    expect((await putUp(one, 'avatar', body)).status).toBe(400)
})

describe('a form with a picture', () => {
  const boundary = 'canary-boundary'
  const type = { 'content-type': `multipart/form-data; boundary=${boundary}` }
  const part = (name: string, value: string | Uint8Array, file = '') =>
    Buffer.concat([
      Buffer.from(
        `--${boundary}\r\nContent-Disposition: form-data; name="${name}"${file && `; filename="${file}"`}\r\n\r\n`,
      ),
      Buffer.from(value),
      Buffer.from('\r\n'),
    ])
  const form = (...parts: Buffer[]) => Buffer.concat([...parts, Buffer.from(`--${boundary}--\r\n`)])
  const json = { 'content-type': 'application/json' }

  it('uploads an image that the uploader can then have as theirs, and nobody else', async () => {
    const one = await world({ ada: plain })
    const body = form(part('file', await jpegOf(), 'me.jpg'))
    const path = '/rest/event/upload/image'
    const upload = await one.ask(accelevents, path, {
      as: 'self',
      method: 'POST',
      headers: type,
      body,
    })
    expect(upload.body).toEqual({
      type: 'Success',
      message: expect.stringMatching(/^[0-9a-f]{64}-/),
    })
    const id = upload.body.message
    const set = (as: 'self' | 'admin', change: object) =>
      one.ask(accelevents, one.pathOf(accelevents), {
        as,
        method: 'PUT',
        headers: json,
        body: JSON.stringify(change),
      })
    const stolen = await set('admin', { photo: id })
    expect([stolen.status, stolen.body.message]).toEqual([
      400,
      'photo: you have uploaded no such picture',
    ])
    expect((await set('self', { photo: id, coverPhoto: id, company: 'Canary' })).status).toBe(200)
    const { body: shown } = await one.ask(accelevents, one.pathOf(accelevents), { as: 'self' })
    expect([shown.company, shown.photo.slice(0, 64)]).toEqual(['Canary', id.slice(0, 64)])
    const got = await one.ask(house, `${own}/cover`, { as: 'self' })
    expect(await cornersOf(got.bytes)).toEqual([0, 1, 2, 3])
    expect((await set('self', { photo: null, coverPhoto: '' })).status).toBe(200)
    const { avatar, cover } = (await one.store.people.byId(cast.ada.id))?.person ?? {}
    expect([avatar, cover]).toEqual([undefined, undefined])
    const service = await one.ask(accelevents, path, {
      as: 'service',
      method: 'POST',
      headers: type,
      body,
    })
    expect(service.status).toBe(403)
  })

  it('is refused in the dialect’s words where it is not as it should be', async () => {
    const one = await world({ ada: plain })
    const image = await jpegOf()
    const ask = (body: Buffer, headers: Record<string, string> = type) =>
      one.ask(accelevents, '/rest/event/upload/image', {
        as: 'self',
        method: 'POST',
        headers,
        body,
      })
    const large = form(part('file', Buffer.alloc(2 * 1_048_576 + 1), 'x'))
    const huge = form(part('file', Buffer.alloc(4 * 1_048_576), 'x'))
    const head = Buffer.from(
      `--${boundary}\r\nContent-Disposition: form-data; name="file"; filename="x"\r\nX: ${'y'.repeat(20_000)}\r\n\r\nz\r\n`,
    )
    const cases: readonly (readonly [Buffer, number, RegExp, Record<string, string>?])[] = [
      [
        form(part('file', image, 'x')),
        400,
        /names no boundary/,
        { 'content-type': 'multipart/form-data' },
      ],
      [form(part('file', image, 'x')), 415, /multipart\/form-data/, asJpeg],
      [
        form(part('file', image, 'x')),
        400,
        /boundary in the Content-Type has more than 70/,
        { 'content-type': `multipart/form-data; boundary=${'b'.repeat(300)}` },
      ],
      [
        form(part('file', image, 'x')),
        400,
        /Content-Type can not be read/,
        { 'content-type': `multipart/form-data; x="; boundary=${boundary}"` },
      ],
      [form(part('file', image, 'x'), part('file', image, 'y')), 400, /more than one file/],
      [
        form(part('photo', image, 'x')),
        400,
        /file: the form must have a file of this name; it is called "photo"/,
      ],
      [form(part('file', 'text')), 400, /there is none/],
      [form(part('a', '1'), part('a', '2')), 400, /"a" twice/],
      [form(...Array.from({ length: 40 }, (_n, at) => part(`f${at}`, '1'))), 400, /more than 20/],
      [form(part('file', image, 'x')).subarray(0, 3000), 400, /no multipart form, or ends/],
      [Buffer.from('nothing of the kind'), 400, /no multipart form, or ends|there is none/],
      [Buffer.alloc(0), 400, /no multipart form, or ends|there is none/],
      [form(head), 400, /./],
      [large, 413, /2097152 bytes at most/],
      [huge, 413, /bytes at most/],
      [form(part('file', '<svg/>', 'x.jpg')), 400, /no picture of a kind that is taken/],
    ]
    for (const [body, status, message, headers] of cases) {
      const answer = await ask(body, headers)
      expect([answer.status, answer.body.message]).toEqual([status, expect.stringMatching(message)])
    }
    expect((await ask(form(part('file', image, 'x')))).status).toBe(200)
  })

  it('sets the photo of a member, at once or later', async () => {
    const one = await world({ ada: plain })
    const path = `/api/2.0/people/${cast.ada.id}/photo`
    const send = (as: 'self' | 'colleague' | 'admin', ...parts: Buffer[]) =>
      one.ask(docspace, path, {
        ...{ as, method: 'POST', body: form(...parts) },
        headers: { ...type, origin: 'https://people.example' },
      })
    const image = part('File', await jpegOf(), 'me.jpg')
    const atOnce = await send('self', image, part('Autosave', 'true'))
    expect(atOnce.body.response).toEqual({
      success: true,
      data: Object.fromEntries(
        Object.entries({
          original: 1280,
          retina: 360,
          max: 200,
          big: 82,
          medium: 48,
          small: 32,
        }).map(([name, size]) => [
          name,
          expect.stringMatching(new RegExp(`^/pictures/.*/${size}\\.webp$`)),
        ]),
      ),
    })
    expect((await send('colleague', image, part('Autosave', 'true'))).status).toBe(403)
    const gone = await one.ask(docspace, path, { as: 'self', method: 'DELETE' })
    expect(gone.body.response.small).toMatch(/default_user_photo_size_32/)
    const later = await send('self', image)
    expect(later.body.response.data).toMatch(/^temp\//)
    const put = (files: string, as: 'self' | 'colleague' = 'self') =>
      one.ask(docspace, path, { as, method: 'PUT', headers: json, body: JSON.stringify({ files }) })
    expect((await put(later.body.response.data, 'colleague')).status).toBe(403)
    const set = await put(later.body.response.data)
    expect(set.body.response.small).toMatch(/\/32\.webp$/)
    expect((await put(set.body.response.max)).body.response).toEqual(set.body.response)
    for (const elsewhere of [
      'http://169.254.169.254/latest',
      'temp/../../etc/passwd',
      'file:///etc/passwd',
    ]) {
      expect((await put(elsewhere)).status).toBe(400)
    }
  })

  it('sets the photo of a user, who can fetch it', async () => {
    const one = await world({ ada: plain })
    const path = `/v1/ext/user/${cast.ada.id}/photo`
    expect((await one.ask(chakra, path, { as: 'self' })).status).toBe(404)
    const body = form(part('file', await jpegOf(), 'me.jpg'))
    const set = await one.ask(chakra, path, { as: 'self', method: 'POST', headers: type, body })
    expect(set.body._data.profileImageUrl).toMatch(/\/500\.webp$/)
    const got = await one.ask(chakra, path, { as: 'colleague' })
    expect([got.status, (await sharp(got.bytes).metadata()).width]).toEqual([200, 500])
    const gone = await one.ask(chakra, path, { as: 'self', method: 'DELETE' })
    expect(gone.body._data.profileImageUrl).toBeNull()
  })
})
