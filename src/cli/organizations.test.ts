import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandLine } from '../../test/command-line.ts'

const folder = mkdtempSync(join(tmpdir(), 'kith-cli-'))
const { kithd, told } = commandLine(folder)
let acme: { id: string }
let other: { id: string }

beforeAll(async () => {
  acme = await told('org', 'create', 'Acme')
  other = await told('org', 'create', 'Øther', '--manages', 'acme')
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('kithd org', () => {
  it.each([
    ['an empty name', ['create', ''], /must have 1 to 255 characters/],
    ['a blank name', ['create', ' '], /must have 1 to 255 characters/],
    ['control characters', ['create', 'a\u001b[2J'], /nor hold control characters/],
    ['a name that is taken, without case', ['create', 'ACME'], /already an organization "Acme", /],
    ['to take another’s name', ['set', 'Acme', 'name=øther'], /already an organization "Øther", /],
    ['to take a name away', ['set', 'Acme', 'name='], /must have 1 to 255 characters/],
    ['a zone on Mars', ['set', 'Acme', 'timeZone=Mars/Base'], /timeZone: "Mars\/Base" is no IANA/],
    ['an unknown audience', ['set', 'Acme', 'audience.contact=me'], /"me" is none of everyone, /],
    ['an unknown group', ['set', 'Acme', 'audience.shoes=nobody'], /no setting "audience.shoes"; /],
    ['what is no setting', ['set', 'Acme', 'name'], /"name" is not of the form name=NAME/],
    ['to set nothing', ['set', 'Acme'], /Set what\?/],
  ])('refuses %s, and writes nothing', async (_, args, why) => {
    const before = await told('org', 'list')
    const { code, stdout, stderr } = await kithd('org', ...args)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(why)
    expect(stderr).not.toContain('\u001b')
    expect(await told('org', 'list')).toEqual(before)
  })

  it('changes what is named, and lists it', async () => {
    const settings = ['name=Acme', 'timeZone=Europe/Paris', 'audience.contact=nobody']
    expect(await told('org', 'set', 'acme', ...settings, 'audience.work=event')).toEqual({
      id: acme.id,
      name: 'Acme',
      timeZone: 'Europe/Paris',
      audiences: { contact: 'nobody', work: 'event' },
      manages: [],
    })
    const { stdout } = await kithd('org', 'list')
    expect(stdout).toMatch(/ Acme +Europe\/Paris +contact=nobody work=event$/m)
    expect(stdout).toMatch(/ Øther +UTC +default +Acme$/m)
  })

  it('goes back to the default of an audience, and tells when nothing changes', async () => {
    await kithd('org', 'set', other.id, 'audience.name=nobody')
    expect((await told('org', 'set', other.id, 'audience.name=')).audiences).toEqual({})
    const { stdout } = await kithd('org', 'set', other.id, 'audience.name=')
    expect(stdout).toBe('Nothing changed: "Øther" is so already\n')
    expect((await told('org', 'list')).find(({ id }: { id: string }) => id === other.id)).toEqual(
      other,
    )
  })

  it('names those that may be meant, by name and id', async () => {
    const { stderr } = await kithd('person', 'create', 'ada')
    expect(stderr).toMatch(/Which organization\? Name it by name or id: /)
    for (const each of [`"Acme" (${acme.id})`, `"Øther" (${other.id})`]) {
      expect(stderr).toContain(each)
    }
  })
})
