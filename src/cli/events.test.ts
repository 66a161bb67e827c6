import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandLine } from '../../test/command-line.ts'

const folder = mkdtempSync(join(tmpdir(), 'kith-cli-'))
const { kithd, told } = commandLine(folder)

let gone = ''

beforeAll(async () => {
  await kithd('org', 'create', 'Acme')
  await kithd('person', 'create', 'ada')
  await kithd('person', 'create', 'bob')
  gone = (await told('person', 'create', 'gone', 'lifecycle=deleted')).id
  await kithd('event', 'create', 'autumn-1', 'Autumn Meeting')
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('kithd event', () => {
  it('lets people attend, each under a number of their own, which stays', async () => {
    const [ada, bob] = await told('event', 'attend', 'autumn-1', 'ada', 'bob', 'ADA')
    const { id, number } = await told('person', 'show', 'ada')
    expect(ada).toEqual({
      userName: 'ada',
      personId: id,
      attendee: expect.any(Number),
      paths: { accelevents: `/rest/event/autumn-1/people/${number}/profile` },
    })
    expect(new Set([ada.attendee, bob.attendee, number]).size).toBe(3)

    const { stdout } = await kithd('event', 'attend', 'autumn-1', 'ada')
    expect(stdout).toMatch(new RegExp(`^ada +${ada.attendee} +${ada.paths.accelevents}$`, 'm'))
  })

  it.each([
    ['an address in capitals', ['create', 'Autumn', 'A'], /lower-case letters, digits and hyphens/],
    ['an event without a name', ['create', 'winter', ''], /must have 1 to 255 characters/],
    ['an address that is taken', ['create', 'autumn-1', 'A'], /already an event "autumn-1"/],
    ['an event that is not there', ['attend', 'winter', 'ada'], /no event "winter"; kithd event/],
    ['somebody who is not there', ['attend', 'autumn-1', 'zoe'], /nobody with the user name "zoe"/],
    ['somebody who is deleted', ['attend', 'autumn-1', 'gone'], /nobody with the user name "gone"/],
  ])('refuses %s', async (_, args, why) => {
    const { code, stdout, stderr } = await kithd('event', ...args)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(why)
  })

  it('refuses somebody deleted who is named by id', async () => {
    const { code, stderr } = await kithd('event', 'attend', 'autumn-1', gone)
    expect(code).toBe(1)
    expect(stderr).toMatch('"gone" is deleted')
  })
})

describe('kithd connect', () => {
  it('says who asked whom and how it stands', async () => {
    const [ada, bob] = [await told('person', 'show', 'ada'), await told('person', 'show', 'bob')]
    expect((await kithd('connect', 'ada', 'bob')).stdout).toBe(
      'ada asked bob; the connection is accepted.\n',
    )
    expect(await told('connect', 'bob', 'ada', '--state', 'rejected')).toEqual({
      requesterId: bob.id,
      addresseeId: ada.id,
      state: 'rejected',
      rejectedById: ada.id,
    })
  })

  it('refuses somebody with themselves', async () => {
    expect((await kithd('connect', 'ada', 'ADA')).stderr).toMatch(/connected with themselves/)
  })
})
