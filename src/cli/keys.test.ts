import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { commandLine } from '../../test/command-line.ts'

const folder = mkdtempSync(join(tmpdir(), 'kith-cli-'))
const { kithd, told } = commandLine(folder)

beforeAll(async () => {
  await kithd('org', 'create', 'Acme')
  await kithd('person', 'create', 'ada')
  await kithd('person', 'create', 'admin', 'administrator=true')
  await kithd('person', 'create', 'gone', 'lifecycle=deleted')
  await kithd('person', 'create', 'away', 'lifecycle=suspended')
})
afterAll(() => rmSync(folder, { recursive: true }))

describe('kithd key', () => {
  it.each([
    ['a key for somebody who is deleted', ['--person', 'gone'], /nobody with the user name "gone"/],
    ['an end that is none', ['--person', 'ada', '--expires', 'soon'], /"soon" is no instant/],
    ['a service without a name', ['--service', ''], /must have 1 to 255 characters/],
    ['a service with control characters', ['--service', 'a\tb'], /nor hold control characters/],
  ])('refuses %s, and makes none', async (_, args, why) => {
    const { code, stdout, stderr } = await kithd('key', 'create', ...args)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(why)
    expect(await told('key', 'list')).toEqual([])
  })

  it('takes the person’s own role for want of another, and less when asked', async () => {
    expect((await told('key', 'create', '--person', 'admin')).role).toBe('admin')
    expect((await told('key', 'create', '--person', 'admin', '--role', 'member')).role).toBe(
      'member',
    )
  })

  it.each([
    ['opens nothing yet', ['away'], /that takes lifecycle=active loginEnabled=true of away/],
    [
      'ended before it began',
      ['ada', '--expires', '2020-01-01'],
      /It ended at 2020-01-01T00:00:00.000Z/,
    ],
    [
      'asks for more than its person is',
      ['ada', '--role', 'admin'],
      /which is member, until kithd person set ada administrator=true/,
    ],
    [
      'asks for an owner’s of an administrator',
      ['admin', '--role', 'owner'],
      /which is admin, until kithd person set admin owner=true/,
    ],
  ])('says of a key that it %s', async (_, [name = '', ...args], why) => {
    const { code, stdout, stderr } = await kithd('key', 'create', '--person', name, ...args)
    expect(code).toBe(0)
    expect(stdout).toMatch(/^kith_\w{49}\n$/)
    expect(stderr).toMatch(why)
  })

  it('lists people by their user names, and for programs by their ids too', async () => {
    const key = await told('key', 'create', '--person', 'ada', '--expires', '2999-01-01')
    const { id } = await told('person', 'show', 'ada')
    expect((await kithd('key', 'list')).stdout).toMatch(
      new RegExp(`^${key.id} +member +person ada +valid `, 'm'),
    )
    const listed = (await told('key', 'list')).find((one: { id: string }) => one.id === key.id)
    expect(listed).toMatchObject({
      personId: id,
      userName: 'ada',
      expiresAt: '2999-01-01T00:00:00.000Z',
    })
  })
})
