import { execFile } from 'node:child_process'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const program = new URL('../main.ts', import.meta.url).pathname
let folder = ''

function kithd(...args: readonly string[]) {
  return new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    const all = [program, ...args, '--database', join(folder, 'kith.db')]
    execFile(process.execPath, all, (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, stdout, stderr })
    })
  })
}

const ada = async () => JSON.parse((await kithd('person', 'show', 'ada', '--json')).stdout)

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kith-people-'))
  await kithd('org', 'create', 'Acme')
  const created = await kithd(
    ...['person', 'create', 'ada', 'First Name=Ada', 'email=ada@example.com;a@home.example'],
    ...['mobile=+31 6 12345678', 'groups=Staff;Board', 'audience.contact=nobody', 'title=a=b'],
  )
  expect(created).toMatchObject({ code: 0, stderr: '' })
  expect(created.stdout).toMatch(/^Created ada, [-0-9a-f]{36}: .*emails/)
})
afterAll(() => rm(folder, { recursive: true }))

describe('kithd person', () => {
  it('creates somebody with the columns of an import', async () => {
    expect(await ada()).toMatchObject({
      userName: 'ada',
      displayName: 'Ada',
      title: 'a=b',
      emails: [{ value: 'ada@example.com', primary: true }, { value: 'a@home.example' }],
      phones: [{ value: '+31 6 12345678', e164: '+31612345678', type: 'mobile' }],
      audiences: { contact: 'nobody' },
    })
    const { groups } = await ada()
    expect(groups.map(({ name }: { name: string }) => name).sort()).toEqual(['Board', 'Staff'])
  })

  it('shows all of somebody by user name or id, in aligned columns', async () => {
    const { id } = await ada()
    const { stdout } = await kithd('person', 'show', id)
    expect(stdout).toMatch(/^FIELD +VALUE\n/)
    expect(stdout).toMatch(/^emails +ada@example.com {2}\(/m)
    expect(stdout).toMatch(/^audiences.contact +nobody$/m)
    expect(stdout).toMatch(/^groups +Board/m)
    expect(await kithd('person', 'show', 'ADA')).toMatchObject({ stdout })
  })

  it('changes what is named, removes what is empty, and tells which', async () => {
    const before = await ada()
    const { stdout } = await kithd('person', 'set', 'ada', 'title=', 'lifecycle=suspended')
    expect(stdout).toBe(`Changed ada, ${before.id}: lifecycle, title\n`)
    const after = await ada()
    expect(after).not.toHaveProperty('title')
    expect(after).toMatchObject({ lifecycle: 'suspended', emails: before.emails })
    expect((await kithd('person', 'set', 'ada', 'lifecycle=suspended')).stdout).toMatch(/^Nothing/)
    expect((await ada()).version).toBe(after.version)
  })

  it.each([
    ['what nobody knows', ['set', 'ada', 'titel=x'], /no column "titel"; the nearest are "title"/],
    ['a bad value', ['set', 'ada', 'title=y', 'manager=ada'], /manager: nobody is their own/],
    ['an unknown manager', ['create', 'bob', 'manager=zoe'], /manager: there is nobody/],
    ['what is no setting', ['set', 'ada', 'title'], /"title" is not of the form column=value/],
    ['the same twice', ['set', 'ada', 'mail=', 'email='], /"email" is given twice/],
    ['a user name in use', ['create', 'Ada'], /already somebody with the user name "Ada"/],
    ['somebody who is not there', ['show', 'zoe'], /nobody with the user name "zoe" in "Acme"/],
  ])('refuses %s, and writes nothing', async (_, args, why) => {
    const before = await ada()
    const { code, stdout, stderr } = await kithd('person', ...args)
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' })
    expect(stderr).toMatch(why)
    expect(await ada()).toEqual(before)
  })
})
