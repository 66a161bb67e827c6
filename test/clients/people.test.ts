import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { decodePersonId, encodePersonId } from '../../src/dialects/webex/ids.ts'
import { webex } from '../../src/dialects/webex/index.ts'
import type { Person } from '../../src/person/person.ts'
import * as cast from '../cast.ts'
import { crowded } from '../walks.ts'
import { type ViewerName, type World, type WorldOptions, world } from '../world.ts'
import { got, patience, preload, tell } from './tell.ts'

/** A world whose links lead to where it listens. */
async function listening(options: WorldOptions = {}) {
  let origin = ''
  const one = await world({ ...options, publicUrl: () => origin })
  origin = await one.app.listen({ host: '127.0.0.1', port: 0 })
  return { one, origin }
}

const errand = (one: World, as: ViewerName, url: string, ids: object = {}) => ({
  ...{ url, token: one.keys[as].secret, ids },
})

const sorted = (outcome: object | undefined): string[] =>
  ((outcome as { got: string[] }).got ?? []).toSorted()

describe.each(['/v1', '/webexapis/v1'])('with over a thousand people, at %s', (base) => {
  let one: World
  let origin: string
  let crowd: readonly Person[]

  beforeAll(async () => {
    const there = await listening()
    ;({ one, origin } = there)
    crowd = await crowded(one, 1040)
  })
  afterAll(() => one.app.close())

  const mail = String(cast.ada.emails[0]?.value)
  const ada = encodePersonId(cast.ada.id)
  const idsOfCrowd = () => crowd.map(({ id }) => encodePersonId(id)).toSorted()

  it('node-sparky lists, creates, updates and deletes them', {
    timeout: patience + 10_000,
  }, async () => {
    const told = await tell(
      'sparky-people.cjs',
      errand(one, 'admin', origin + base, { ada, mail }),
      preload,
    )
    const { everybody, another, ...rest } = told.answers
    expect(rest).toEqual({
      crowd: got(1040),
      some: got(250),
      byMail: got([ada]),
      add: got('Any Person'),
      read: got(['any.person@home.example']),
      update: got('GM'),
      remove: got({}),
      removed: { failed: expect.objectContaining({ status: 404, type: 'ERR_STATUS' }) },
    })
    const ids = sorted(everybody)
    expect(new Set(ids).size).toBe(ids.length)
    expect(idsOfCrowd().filter((id) => !ids.includes(id))).toEqual([])
    expect(ids.map(decodePersonId)).toContain(cast.ada.id)
    const her = await one.ask(webex, `/v1/people/${ada}`, { as: 'admin' })
    expect([another, her.body.title]).toEqual([got(her.body), 'GM'])
    expect(told.strayed).toEqual([])
  })

  it('@webex/plugin-people walks through its pages and gathers ids', {
    timeout: patience + 10_000,
  }, async () => {
    const ids = idsOfCrowd()
    const told = await tell(
      'webex-plugin-people.cjs',
      errand(one, 'colleague', origin + base, { mail, crowd: ids }),
    )
    const { walked, smaller, ...rest } = told.answers
    expect(rest).toEqual({
      me: got(encodePersonId(cast.askers.colleague.id)),
      byMail: got([ada]),
      batched: got(ids.slice(0, 45)),
      apart: got(ids.slice(45, 70)),
    })
    expect([sorted(walked), sorted(smaller)]).toEqual([ids, ids])
    expect(told.strayed).toEqual([])
  })
})

it('node-sparky waits as long as it is told to, and asks again', {
  timeout: patience + 10_000,
}, async () => {
  const { one, origin } = await listening({ limits: { webex: 60 }, now: Date.now })
  const me = () => one.ask(webex, '/v1/people/me', { as: 'self' })
  let answer = await me()
  while (answer.status === 200) answer = await me()
  expect(answer.status).toBe(429)
  expect(answer.headers['retry-after']).toBe('1')
  const told = await tell('sparky-patience.cjs', errand(one, 'self', `${origin}/v1`), preload)
  expect(told.answers).toEqual({ late: got(encodePersonId(cast.ada.id)) })
  await one.app.close()
})
