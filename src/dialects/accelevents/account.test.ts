import { Compile } from 'typebox/compile'
import { describe, expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { withstands } from '../../../test/privileged.ts'
import { type ViewerName, type WorldOptions, world } from '../../../test/world.ts'
import { accelevents } from './index.ts'
import { AcceleventsAccount } from './schema.ts'

const path = '/rest/u/myprofile'
const json = { 'content-type': 'application/json' }

withstands(accelevents, [{ method: 'PUT', path, own: true }])

async function one(options: WorldOptions = {}, as: ViewerName = 'self') {
  const all = await world(options)
  return {
    ...all,
    read: () => all.ask(accelevents, path, { as }),
    write: (sent: unknown, headers: Record<string, string> = {}) =>
      all.ask(accelevents, path, {
        ...{ as, method: 'PUT', headers: { ...json, ...headers } },
        body: JSON.stringify(sent),
      }),
    record: async () => (await all.store.people.byId(cast.ada.id))?.person,
  }
}

describe('accelevents: my profile', () => {
  it('is the caller’s own account', async () => {
    const { body } = await (await one()).read()
    expect(Compile(AcceleventsAccount).Errors(body)).toEqual([])
    expect(body).toEqual({
      email: 'canary.mail@ada-canary.example',
      firstName: 'CanaryGiven',
      lastName: 'CanaryFamily',
      countryCode: 'US',
      phoneNumber: '4085267209',
      address1: 'Canarystreet 77',
      address2: null,
      cityOrProvidence: 'Canarytown',
      zipcode: 'CNR4711',
      state: 'Canaryregion',
      country: 'Canaryland',
      zapierEnabled: false,
      admin: false,
      userLabel: null,
      userProfilePhoto: 'https://pictures.example/canary-avatar.png',
    })
  })

  it('says who is an administrator', async () => {
    for (const as of ['admin', 'owner'] as const) {
      const { body } = await (await one({}, as)).read()
      expect(body).toMatchObject({ admin: true, userLabel: 'Admin', email: null })
    }
  })

  it('is no one’s for a service', async () => {
    const { read, write } = await one({}, 'service')
    expect((await read()).status).toBe(404)
    expect((await write({ firstName: 'x' })).status).toBe(404)
  })

  it.each([
    ['names', { firstName: 'Augusta', lastName: 'King' }, {}],
    ['an address to write to', { email: 'augusta@example.com' }, {}],
    ['a number', { phoneNumber: '020 123 4567', countryCode: 'NL' }, { phoneNumber: '201234567' }],
    ['a number as a number', { phoneNumber: 2025550143 }, { phoneNumber: '2025550143' }],
    ['a second line', { address2: 'Flat 2' }, { address1: 'Canarystreet 77' }],
    ['a first line', { address1: 'St James’s Square 12' }, {}],
    [
      'a place',
      { cityOrProvidence: 'London', zipcode: 'SW1Y', state: 'Greater London', country: 'England' },
      {},
    ],
    ['no state', { state: null }, {}],
  ])('takes %s, and keeps the rest', async (_, sent, told) => {
    const { read, write } = await one()
    const before = (await read()).body
    expect((await write(sent)).body).toEqual({
      ...{ type: 'Success', message: 'Profile updated successfully.' },
    })
    expect((await read()).body).toEqual({ ...before, ...sent, ...told })
  })

  it('takes an answer back as it is, and changes nothing by it', async () => {
    for (const ada of [cast.ada, { ...cast.ada, phones: [], addresses: [], emails: [] }]) {
      const { read, write, record } = await one({ ada })
      expect((await write((await read()).body)).status).toBe(200)
      expect(await record()).toEqual(ada)
    }
  })

  it.each([
    ['no object', []],
    ['a number of no country', { phoneNumber: '12', countryCode: 'XX' }],
    ['no number any more', { phoneNumber: null }],
    ['no e-mail address any more', { email: '' }],
    ['an office', { admin: true }],
    ['another picture', { userProfilePhoto: 'https://x.example/x.png' }],
  ])('refuses %s', async (_, sent) => {
    const { write, record } = await one()
    expect((await write(sent)).status).toBe(400)
    expect(await record()).toEqual(cast.ada)
  })

  it('is written only as it is known, where a condition says so', async () => {
    const { read, write } = await one()
    const headers = { 'if-match': (await read()).headers.etag ?? '' }
    expect((await write({ firstName: 'One' }, headers)).status).toBe(200)
    expect((await write({ firstName: 'Two' }, headers)).status).toBe(412)
  })
})
