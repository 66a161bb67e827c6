import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { PersonChange } from '../../directory/amend.ts'
import type { Organization, Store, Write } from '../../directory/ports.ts'
import { Failure } from '../../failure.ts'
import { newPerson } from '../../person/draft.ts'
import { newOrganizationId } from '../../person/ids.ts'
import { fieldGroups, type Person } from '../../person/person.ts'
import { personRules } from '../../privacy/rules.ts'
import { memoryStore } from '../../store/memory.ts'
import { sqliteStore } from '../../store/sqlite.ts'
import { cardRows } from './cards.ts'
import { columnOf, columns } from './columns.ts'
import { diffJson, diffLines } from './diff.ts'
import { type ImportParts, importRows, inWords } from './importer.ts'
import { linesOf } from './lines.ts'
import { csvRows, jsonRows, type ReadRow, refuseUnknownKeys } from './rows.ts'

const organization: Organization = {
  id: newOrganizationId(),
  name: 'Acme',
  timeZone: 'UTC',
  audiences: {},
  manages: [],
}

let clock = Date.parse('2026-01-01T00:00:00Z')
/** Every look at the clock is a second later, so that what is written anew shows. */
const now = () => {
  clock += 1000
  return clock
}

let folder = ''
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kith-import-'))
})
afterAll(() => rm(folder, { recursive: true }))

let files = 0
const newPath = (ending: string) => {
  files += 1
  return join(folder, `${files}${ending}`)
}

async function sqlite(): Promise<Store> {
  const store = await sqliteStore(newPath('.db'), now)
  await store.commit([{ kind: 'organization', organization }], 'test', '2026-01-01T00:00:00.000Z')
  return store
}

async function memory(): Promise<Store> {
  const store = memoryStore()
  await store.commit([{ kind: 'organization', organization }], 'test', '2026-01-01T00:00:00.000Z')
  return store
}

/** The bytes in small pieces, so that lines and letters fall apart at their seams. */
async function* inPieces(bytes: string | Buffer): AsyncGenerator<Buffer> {
  const all = Buffer.from(bytes as string)
  for (let at = 0; at < all.length; at += 7) yield all.subarray(at, at + 7)
}

const csv = (text: string | Buffer) => csvRows(linesOf(inPieces(text)))
const jsonl = (...objects: readonly unknown[]) =>
  jsonRows(linesOf(inPieces(objects.map((one) => JSON.stringify(one)).join('\n'))))

async function take(store: Store, rows: AsyncIterable<ReadRow>, parts: Partial<ImportParts> = {}) {
  const problems: string[] = []
  const committed: number[] = []
  const would: string[] = []
  const tally = await importRows(rows, {
    store,
    organization,
    now,
    extensions: { docspace: { theme: 'own' } },
    dryRun: false,
    events: {
      problem: (problem) => problems.push(inWords(problem)),
      committed: (count) => committed.push(count),
      would: ({ person, fields }) => would.push(`${person.userName}: ${fields.join(', ')}`),
    },
    ...parts,
  })
  return { ...tally, problems, committed, would }
}

async function personNamed(store: Store, userName: string): Promise<Person> {
  const held = await store.people.byUserName(organization.id, userName)
  if (!held) throw new Error(`nobody is called ${userName}`)
  return held.person
}

const groupsOf = async (store: Store, userName: string) =>
  (await store.people.byUserName(organization.id, userName, { groups: true }))?.groups
    .map(({ name }) => name)
    .sort()

const everyChange = (store: Store) => store.changesAfter(0, 100_000)

describe('while one batch is written', () => {
  const rows = () =>
    csv(`userName,externalId,emails,Title,Groups,Manager
ann,1,ann@x.example,First,Staff,
bob,2,bob@x.example,,Staff;Late,ann
ANN,,,Second,Late,
cis,3,cis@x.example,,staff,bob
,2,bob2@x.example,Third,,cis
dan,,dan@x.example,,Late,DAN
ann,,,Fourth,,
eve,4,,,,dan
`)
  const told = async (store: Store) => {
    const all = await store.people.inOrganization(
      organization.id,
      { limit: 100 },
      { groups: true, manager: true },
    )
    return Object.fromEntries(
      all.map(({ person, groups, named }) => [
        person.userName,
        [
          person.title,
          groups
            .map(({ name }) => name)
            .sort()
            .join(),
          named[0]?.person.userName,
        ],
      ]),
    )
  }
  const expected = {
    ann: ['Fourth', 'Late,Staff', undefined],
    bob: ['Third', 'Late,Staff', undefined],
    cis: [undefined, 'Staff', 'bob'],
    dan: [undefined, 'Late', undefined],
    eve: [undefined, '', 'dan'],
  }

  it('the next is worked out over what there will be, and each is a commit of its own', async () => {
    for (const plain of [await memory(), await sqlite()]) {
      const reads: string[] = []
      let writing = 0
      const people = Object.fromEntries(
        Object.entries(plain.people).map(([name, read]) => [
          name,
          (...of: unknown[]) => {
            reads.push(`${name}${writing > 0 ? ' meanwhile' : ''}`)
            return (read as (...of: unknown[]) => unknown)(...of)
          },
        ]),
      ) as unknown as Store['people']
      const store: Store = {
        ...plain,
        people,
        async commit(...of) {
          writing += 1
          expect(writing).toBe(1)
          await pause(20)
          await plain.commit(...of)
          writing -= 1
        },
      }
      const { created, changed, problems, committed } = await take(store, rows(), { batchSize: 2 })
      expect({ created, changed }).toEqual({ created: 5, changed: 3 })
      expect(problems).toEqual(
        [
          'line 7, column "Manager": nobody is their own manager',
          'line 6, column "Manager": "cis" already reports to "bob", directly or through others',
        ].toSorted((one, other) => problems.indexOf(one) - problems.indexOf(other)),
      )
      expect(committed).toEqual([2, 4, 6, 8])
      expect(await told(plain)).toEqual({ ...expected, bob: ['Third', 'Late,Staff', 'ann'] })
      expect(reads.filter((one) => one === 'byAny meanwhile').length).toBeGreaterThan(2)
      expect(reads.filter((one) => /^(byUserName|byExternalId|byVerifiedEmail)/.test(one))).toEqual(
        [],
      )
      await plain.close()
    }
  })

  it('what was worked out is thrown away where the batch clashes with somebody else’s', async () => {
    for (const plain of [await memory(), await sqlite()]) {
      let commits = 0
      const store: Store = {
        ...plain,
        async commit(writes, ...of) {
          commits += 1
          await pause(20)
          if (commits === 1 || commits === 2) {
            const userName = commits === 1 ? 'bob' : 'cis'
            const person = newPerson(
              { organizationId: organization.id, userName, title: 'Theirs' },
              '2026-01-01T00:00:00.000Z',
            )
            await plain.commit([{ kind: 'person', person }], 'somebody', '2026-01-01T00:00:00.000Z')
          }
          return plain.commit(writes, ...of)
        },
      }
      const { created, changed, committed } = await take(store, rows(), { batchSize: 2 })
      expect({ created, changed }).toEqual({ created: 3, changed: 5 })
      expect(committed).toEqual([2, 4, 6, 8])
      const all = await told(plain)
      expect(Object.keys(all).sort()).toEqual(['ann', 'bob', 'cis', 'dan', 'eve'])
      expect(all.ann).toEqual(expected.ann)
      expect(all.cis).toEqual(['Theirs', 'Staff', 'bob'])
      await plain.close()
    }
  })

  it('a store that fails ends the import, with what was written before told as safe', async () => {
    const plain = await memory()
    let commits = 0
    const committed: number[] = []
    const store: Store = {
      ...plain,
      async commit(...of) {
        commits += 1
        await pause(5)
        if (commits === 3) throw new Failure('unavailable', 'gone')
        return plain.commit(...of)
      },
    }
    const done = take(store, rows(), {
      batchSize: 2,
      events: { problem: () => {}, would: () => {}, committed: (count) => committed.push(count) },
    })
    await expect(done).rejects.toMatchObject({ code: 'unavailable' })
    expect(committed).toEqual([2, 4])
    expect(Object.keys(await told(plain)).sort()).toEqual(['ANN', 'bob', 'cis'])
  })
})

describe('a file that is not as it should be', () => {
  it('loses of a row with U+0000, or half a character, in whatever depth, that row alone', async () => {
    for (const store of [await memory(), await sqlite()]) {
      const { created, rejected, problems } = await take(
        store,
        jsonl(
          { userName: 'a\u0000' },
          { userName: 'b', title: 'x\u0000' },
          { userName: 'c', data: { deep: [{ 'a\u0000': 1 }] } },
          { userName: 'd', data: { deep: ['\ud800'] } },
          { userName: 'e', notifications: '{"a":{"enabled":true,"channels":["\\u0000"]}}' },
          { userName: 'f' },
        ),
      )
      expect({ created, rejected }).toEqual({ created: 1, rejected: 5 })
      expect(problems.join('\n')).toMatch(
        /^(line [1-5], column .* (holds U\+0000, which can not be kept|half a character.*)\n?){5}$/,
      )
      await store.close()
    }
  })

  it('is not taken to depths that nobody could come out of', async () => {
    const store = await memory()
    const deep = (levels: number) => `${'{"a":'.repeat(levels)}1${'}'.repeat(levels)}`
    const lines = [62, 20_000].map((levels, at) => `{"userName":"u${at}","data":${deep(levels)}}`)
    const { created, problems } = await take(store, jsonRows(linesOf(inPieces(lines.join('\n')))))
    expect(created).toBe(1)
    expect(problems).toEqual([
      'line 2, column "data": has more than 64 objects and lists in each other',
    ])
  })

  it('is told of what it is: UTF-16, or lines that end with CR alone', async () => {
    const store = await memory()
    const utf16 = Buffer.from('\ufeffUsername\r\nada\r\n', 'utf16le')
    await expect(take(store, csv(utf16))).rejects.toThrow('The file is in UTF-16; save it as UTF-8')
    await expect(take(store, csv(utf16.swap16()))).rejects.toThrow('UTF-16')
    await expect(take(store, csv('Username,Title\rada,x\r'))).rejects.toThrow(
      'lines end with CR alone; save the file with LF or CRLF',
    )
  })
})

describe('the columns', () => {
  it('cover every field that may be written', () => {
    const given: (keyof Person)[] = [
      'id',
      'number',
      'version',
      'organizationId',
      'createdAt',
      'updatedAt',
      'touched',
    ]
    const writable = (Object.keys(personRules) as (keyof Person)[]).filter(
      (field) => !given.includes(field),
    ) satisfies (keyof (PersonChange & Person))[]
    expect(columns.map(({ name }) => name)).toEqual(expect.arrayContaining(writable))
    expect(columns.map(({ name }) => name)).toEqual(
      expect.arrayContaining(fieldGroups.map((group) => `audience.${group}`)),
    )
  })

  it('are each found by their own name and by every alias, whatever case, blanks and dashes', () => {
    for (const column of columns) {
      for (const name of [column.name, ...column.aliases]) expect(columnOf(name)).toBe(column)
    }
    const spellings: Record<string, string> = {
      'First Name': 'givenName',
      'given name': 'givenName',
      LAST_NAME: 'familyName',
      Surname: 'familyName',
      'E-mail': 'emails',
      'Email Address': 'emails',
      Mail: 'emails',
      email: 'emails',
      Mobile: 'mobilePhone',
      'Mobile Phone': 'mobilePhone',
      Phone: 'phone',
      'Work-Phone': 'workPhone',
      'Job Title': 'title',
      Position: 'title',
      Username: 'userName',
      Login: 'userName',
      'Employee ID': 'externalId',
      'Employee Number': 'employeeNumber',
      'Preferred Language': 'preferredLanguage',
      // Okta
      login: 'userName',
      primaryPhone: 'phone',
      countryCode: 'country',
      streetAddress: 'street',
      honorificPrefix: 'honorificPrefix',
      profileUrl: 'profileUrl',
      userType: 'userType',
      costCenter: 'costCenter',
      // Entra ID
      userPrincipalName: 'userName',
      physicalDeliveryOfficeName: 'location',
      telephoneNumber: 'phone',
      accountEnabled: 'loginEnabled',
      companyName: 'company',
      'Name [displayName] Required': 'displayName',
      'User name [userPrincipalName] Required': 'userName',
      'Office phone [telephoneNumber]': 'workPhone',
      // Google Workspace
      'First Name [Required]': 'givenName',
      'Email Address [Required]': 'emails',
      'Employee Type': 'userType',
      'Employee Title': 'title',
      'Manager Email': 'manager',
      'Home Phone': 'homePhone',
      // Workday
      'Worker ID': 'externalId',
      'Legal First Name': 'givenName',
      'Business Title': 'title',
      'Primary Work Email': 'emails',
      Organisation: 'company',
      Company: 'company',
      'Time Zone': 'timeZone',
      Language: 'locale',
      Birthday: 'birthDate',
      'Date of Birth': 'birthDate',
      Sex: 'gender',
      City: 'locality',
      Country: 'country',
      Zip: 'postalCode',
    }
    for (const [header, name] of Object.entries(spellings)) {
      expect(columnOf(header).name, header).toBe(name)
    }
  })

  it('are what docs/import.md says', async () => {
    const page = await readFile(new URL('../../../docs/import.md', import.meta.url), 'utf8')
    // Laid out for reading: the blanks that align the columns do not count.
    const written = (page.split('## The columns')[1] ?? '')
      .split('\n')
      .filter((line) => /^\| `/.test(line))
      .map((line) => line.replace(/ +\|/g, ' |'))
    const wanted = columns.map(({ name, aliases, holds }) =>
      `| \`${name}\` | ${aliases.join(', ')} | ${holds.replaceAll('|', '\\|')} |`.replace(
        / +\|/g,
        ' |',
      ),
    )
    expect(written).toEqual(wanted)
  })

  it('are refused when nobody knows them, with the nearest that somebody does', () => {
    expect(() => columnOf('Titel')).toThrow(/no column "Titel"; the nearest are "title"/)
    expect(() => columnOf('Salary band')).toThrow(
      /"Salary band"; docs\/import.md has all there are$/,
    )
    expect(() => columnOf('Block sign in (Yes/No) [accountEnabled] Required')).toThrow(/no column/)
    expect(() => columnOf('createdAt')).toThrow(/Kith gives "createdAt" out itself/)
  })
})

describe('a CSV file', () => {
  it('may begin with a byte order mark, end its lines with CRLF and leave lines empty', async () => {
    const store = await memory()
    const file =
      '\ufeffuserName,displayName\r\n\r\nada,Ada Ünïcode\r\n\r\nbob,"Bob, ""the"" Builder"'
    expect(await take(store, csv(file))).toMatchObject({ created: 2, problems: [] })
    expect((await personNamed(store, 'ada')).displayName).toBe('Ada Ünïcode')
    expect((await personNamed(store, 'bob')).displayName).toBe('Bob, "the" Builder')
  })

  it('counts its lines as an editor does, whatever a cell has in it', async () => {
    const store = await memory()
    const file = 'userName,bio,E-mail\r\nada,"one\r\n\r\ntwo",\r\n\r\nbob,x,foo\r\ncy,"5"" disk",\n'
    const { problems, created } = await take(store, csv(file))
    expect(problems).toEqual([
      'line 6, column "E-mail": "foo" is not an e-mail address such as ada@example.com',
    ])
    expect(created).toBe(2)
    expect((await personNamed(store, 'ada')).bio).toBe('one\r\n\r\ntwo')
    expect((await personNamed(store, 'cy')).bio).toBe('5" disk')
  })

  it('loses no more than the rows whose quotes are wrong, and names their lines', async () => {
    const store = await memory()
    const file =
      'userName,bio\nada,"x"y\nbob,fine\ncy,"open\ndee,"shut\neve,fine\nfay,"never shut\ngil,fine\n'
    const { problems } = await take(store, csv(file))
    expect(problems).toEqual([
      expect.stringMatching(/^line 2: something follows the closing quote of cell 2/),
      expect.stringMatching(/^line 4: .*nothing up to line 5 could be read$/),
      expect.stringMatching(/^line 7: the quote that opens cell 2 is never closed/),
    ])
    for (const name of ['bob', 'eve', 'gil']) await personNamed(store, name)
  })

  it('is refused as a whole for a header that it has twice, under whatever names', async () => {
    const store = await memory()
    await expect(take(store, csv('userName,Mail,E-mail\nada,a@x.org,b@x.org'))).rejects.toThrow(
      /"Mail" and "E-mail" are both the column "emails"/,
    )
    await expect(take(store, csv('userName;Mail\nada;x'))).rejects.toThrow(/parted by commas/)
    await expect(take(store, csv(''))).rejects.toThrow(/empty/)
  })

  it('is told apart from one that is not UTF-8', async () => {
    const store = await memory()
    const file = Buffer.from('userName,displayName\nada,Zo\xeb\nbob,Bob\n', 'latin1')
    const { problems, created } = await take(store, csv(file))
    expect(problems).toEqual([
      'line 2, column "displayName": holds bytes that are not UTF-8; save the file as UTF-8',
    ])
    expect(created).toBe(1)
  })

  it('keeps what looks like a formula as it is written', async () => {
    const store = await memory()
    await take(store, csv('userName,Mobile,Job Title\nada,+31 6 12345678,=1+1\n'))
    const { phones, title } = await personNamed(store, 'ada')
    expect(phones).toMatchObject([
      { value: '+31 6 12345678', e164: '+31612345678', country: 'NL', type: 'mobile' },
    ])
    expect(title).toBe('=1+1')
  })

  it('says nothing with an empty cell', async () => {
    const store = await memory()
    await take(store, csv('userName,title,bio\nada,Countess,verse\n'))
    expect(await take(store, csv('userName,title,bio\nADA,,prose\n'))).toMatchObject({ changed: 1 })
    expect(await personNamed(store, 'ada')).toMatchObject({ title: 'Countess', bio: 'prose' })
  })

  it('has every problem of a row told, and nothing of the row taken', async () => {
    const store = await memory()
    const file =
      'userName,Birthday,TZ,lifecycle,Quota\nada,31/12/1990,Mars,gone,-1\nme,,,,\n,,,,active\n'
    const { problems, rejected, created } = await take(store, csv(file))
    expect(problems).toEqual([
      'line 2, column "TZ": "Mars" is no IANA time zone such as Europe/Amsterdam',
      'line 2, column "Birthday": "31/12/1990" is no date such as 1990-12-31',
      'line 2, column "lifecycle": "gone" is none of invited, active, suspended, deleted',
      'line 2, column "Quota": "-1" is no whole number of bytes such as 1048576',
      'line 3, column "userName": "me" can not be a user name: it must not be the reserved word "me"',
      'line 4, column "Quota": "active" is no whole number of bytes such as 1048576',
    ])
    expect({ rejected, created }).toEqual({ rejected: 3, created: 0 })
  })
})

describe('a JSON Lines file', () => {
  it('gives structured values, and removes with null', async () => {
    const store = await memory()
    const first = {
      userName: 'ada',
      title: 'Countess',
      emails: ['ada@example.com', { value: 'ada@home.example', type: 'home', primary: true }],
      phones: [{ value: '+31 6 12345678', type: 'mobile', verified: true }],
      addresses: [{ type: 'work', locality: 'London' }],
      contacts: [{ type: 'matrix', value: '@ada:example.org' }],
      data: { shelf: [1, 2] },
      meetingAvailability: {
        timeZone: 'Europe/London',
        rules: [{ days: ['MON'], start: '09:00', end: '17:00' }],
      },
      extensions: { docspace: { theme: 'dark' } },
      audiences: { contact: 'nobody' },
      'audience.work': 'connections',
    }
    expect(await take(store, jsonl(first))).toMatchObject({ created: 1, problems: [] })
    expect(await personNamed(store, 'ada')).toMatchObject({
      emails: [
        { value: 'ada@example.com', primary: false },
        { value: 'ada@home.example', type: 'home', primary: true },
      ],
      phones: [{ e164: '+31612345678', verified: true }],
      audiences: { contact: 'nobody', work: 'connections' },
      extensions: { docspace: { theme: 'dark' } },
      data: { shelf: [1, 2] },
    })
    const second = { userName: 'ada', title: null, emails: null, audiences: { contact: null } }
    expect(await take(store, jsonl(second))).toMatchObject({ changed: 1, problems: [] })
    const ada = await personNamed(store, 'ada')
    expect(ada).not.toHaveProperty('title')
    expect(ada.emails).toEqual([])
    expect(ada.audiences).toEqual({ work: 'connections' })
  })

  it('may begin with a byte order mark', async () => {
    const store = await memory()
    const rows = jsonRows(linesOf(inPieces('\ufeff{"userName":"ada"}\n')))
    expect(await take(store, rows)).toMatchObject({ created: 1, problems: [] })
  })

  it('names the line of what is no JSON, and of what does not fit the record', async () => {
    const store = await memory()
    const file = [
      '{"userName":"ada"}',
      '',
      '{"userName":',
      '[1]',
      '{"userName":"bob","emails":[{"value":"b@x.org","colour":"red"}]}',
      '{"userName":"cy","displayName":null}',
      '{"userName":"dee","extensions":{"docspace":{"colour":1}}}',
      '{"userName":"eve","meetingAvailability":{"timeZone":"UTC"}}',
      '{"userName":"fay","title":7}\r',
    ].join('\r\n')
    const { problems, created } = await take(store, jsonRows(linesOf(inPieces(file))))
    expect(created).toBe(1)
    expect(problems).toEqual([
      expect.stringMatching(/^line 3: is no JSON/),
      expect.stringMatching(/^line 4: is no object/),
      expect.stringMatching(/^line 5, column "emails": there is no "colour" in it/),
      'line 6, column "displayName": can not be removed: everybody has one',
      expect.stringMatching(/^line 7, column "extensions": there is no "colour" in it/),
      expect.stringMatching(/^line 8, column "meetingAvailability": /),
      'line 9, column "title": 7 is no text; write it in quotes',
    ])
  })

  it('is refused as a whole for a key that nobody knows, wherever it comes', async () => {
    const file = '{"userName":"ada"}\n{"userName":"bob","salery":1}'
    await expect(refuseUnknownKeys(linesOf(inPieces(file)))).rejects.toThrow(
      /^Line 2: there is no column "salery"/,
    )
  })
})

describe('the same file twice', () => {
  it('changes nothing at all the second time', async () => {
    const store = await sqlite()
    const header =
      'Username,Employee ID,First Name,E-mail,Phone,Mobile,Work Phone,City,Zip,Roles,Team,Groups,Manager,Avatar,owner,about,twitter,audience.contact,Interests,Start Date,lifecycle'
    const file = `${header}
ada,1,Ada,ada@example.com;ada@home.example,020 1234567,+31 6 12345678,020 1234567,London,N1,Chair;Poet,Engines,Staff;Board,bob,https://example.com/a.png,true,verse,@ada,nobody,cats;dogs,2020-01-01,suspended
bob,2,Bob,bob@example.com,+1 212 555 0100,+1 212 555 0100,,Paris,,,,Staff,,,,,,,,,invited
`
    expect(await take(store, csv(file))).toMatchObject({ created: 2, problems: [] })
    const before = [await personNamed(store, 'ada'), await personNamed(store, 'bob')]
    const changes = await everyChange(store)

    expect(await take(store, csv(file))).toMatchObject({
      created: 0,
      changed: 0,
      unchanged: 2,
      problems: [],
    })
    expect([await personNamed(store, 'ada'), await personNamed(store, 'bob')]).toEqual(before)
    expect(await everyChange(store)).toEqual(changes)
    await store.close()
  })

  it('leaves alone that no address is the primary one', async () => {
    const store = await memory()
    const row = { userName: 'ada', emails: [{ value: 'a@x.org', primary: false }] }
    await take(store, jsonl(row))
    expect(await take(store, jsonl(row))).toMatchObject({ unchanged: 1 })
    expect(await take(store, csv('userName,Mail\nada,a@x.org\n'))).toMatchObject({ unchanged: 1 })
    expect((await personNamed(store, 'ada')).emails).toMatchObject([{ primary: false }])
  })

  it('keeps the identity of an address that is there, and changes only what differs', async () => {
    const store = await memory()
    await take(store, csv('userName,E-mail,Mobile\nada,a@x.org;b@x.org,+31 6 12345678\n'))
    const before = await personNamed(store, 'ada')
    await take(store, csv('userName,E-mail,Work Phone\nada,b@x.org;c@x.org,+31 20 1234567\n'))
    const after = await personNamed(store, 'ada')
    expect(after.emails[0]).toEqual({
      ...before.emails[1],
      primary: true,
    })
    expect(after.emails.map(({ value }) => value)).toEqual(['b@x.org', 'c@x.org'])
    expect(after.phones).toEqual([
      before.phones[0],
      expect.objectContaining({ value: '+31 20 1234567', type: 'work', primary: false }),
    ])
  })
})

describe('who a row is about', () => {
  it('is told by the external id first, then by the user name, then by the first e-mail address', async () => {
    const store = await memory()
    await take(store, csv('userName,externalId\nada,7\n'))
    const { id } = await personNamed(store, 'ada')
    await take(store, csv('userName,externalId\ncountess,7\n'))
    expect((await personNamed(store, 'countess')).id).toBe(id)
    await take(store, csv('E-mail,externalId,title\nada@x.org,7,Countess\n'))
    expect(await personNamed(store, 'countess')).toMatchObject({ id, title: 'Countess' })
    expect(await take(store, csv('E-mail\nzoe@x.org;z@x.org\n'))).toMatchObject({ created: 1 })
    await personNamed(store, 'zoe@x.org')
    expect((await take(store, csv('title,bio\nx,\n'))).problems).toEqual([
      'line 2: names nobody: it has neither a user name nor an e-mail address',
    ])
  })

  it('is told by a verified address where neither the external id nor the user name is known', async () => {
    for (const make of [memory, sqlite]) {
      const store = await make()
      const emails = (value: string, verified: boolean) => [{ value, verified }]
      await take(
        store,
        jsonl(
          { userName: 'ada', emails: emails('Ada@x.org', true) },
          { userName: 'bob', externalId: '7', emails: emails('bob@x.org', true) },
          { userName: 'cy', emails: emails('cy@x.org', false) },
        ),
      )
      const { id } = await personNamed(store, 'ada')
      const bob = await personNamed(store, 'bob')
      expect(
        await take(
          store,
          csv(
            'userName,externalId,Mail,title\ncountess,,ada@x.org,renamed\n,,BOB@x.org,found\nrobert,8,bob@x.org,another\ncyril,,cy@x.org,unverified\n',
          ),
        ),
      ).toMatchObject({ created: 2, changed: 2, problems: [] })
      expect(await personNamed(store, 'countess')).toMatchObject({ id, title: 'renamed' })
      expect(await personNamed(store, 'bob')).toMatchObject({ id: bob.id, title: 'found' })
      expect(await personNamed(store, 'robert')).toMatchObject({ externalId: '8' })
      expect((await personNamed(store, 'cyril')).title).toBe('unverified')
      await store.close()
    }
  })

  it('is not guessed where an address is verified of several people', async () => {
    const store = await memory()
    const emails = [{ value: 'desk@x.org', verified: true }]
    const rows = [
      { userName: 'ada', emails },
      { userName: 'bob', emails },
    ]
    // Of one file, the second row has a name of its own, and is a person of their own.
    expect(await take(store, jsonl(...rows))).toMatchObject({ created: 2, problems: [] })
    expect(await take(store, jsonl(...rows))).toMatchObject({ unchanged: 2, problems: [] })
    const { problems, rejected } = await take(
      store,
      csv('userName,Mail\ncy,desk@x.org\n,desk@x.org\nbob,desk@x.org\n'),
    )
    expect(rejected).toBe(2)
    const why =
      'is the verified address of several people, "ada", "bob"; give the user name or the external id of one of them'
    expect(problems).toEqual([`line 2, column "Mail": ${why}`, `line 3, column "Mail": ${why}`])
  })

  it('is nobody who is deleted; and nobody need be deleted who is not there', async () => {
    for (const make of [memory, sqlite]) {
      const store = await make()
      await take(store, csv('userName,externalId\nada,7\n'))
      const { id } = await personNamed(store, 'ada')
      const leaving = 'userName,externalId,lifecycle\nada,7,deleted\n'
      expect(await take(store, csv(leaving))).toMatchObject({ changed: 1 })
      const changes = await everyChange(store)
      expect(await take(store, csv(leaving))).toMatchObject({ unchanged: 1, created: 0 })
      expect(await everyChange(store)).toEqual(changes)
      expect((await store.people.byId(id))?.person.lifecycle).toBe('deleted')
      // Within one file, too: who comes after is somebody else.
      const file = 'userName,lifecycle\nbob,active\nbob,deleted\nbob,active\nada,active\n'
      expect(await take(store, csv(file))).toMatchObject({ created: 3, changed: 1, problems: [] })
      expect((await personNamed(store, 'ada')).id).not.toBe(id)
      await store.close()
    }
  })

  it('may be somebody whom an earlier row of the same batch made or renamed', async () => {
    const store = await sqlite()
    const file =
      'userName,externalId,title\nada,1,first\nADA,1,second\nbob,1,third\nada,2,another\nbob,2,clash\n'
    const { problems, ...tally } = await take(store, csv(file))
    expect(tally).toMatchObject({ created: 2, changed: 2, rejected: 1 })
    expect(problems).toEqual(['line 6, column "userName": "bob" is the user name of somebody else'])
    expect(await personNamed(store, 'bob')).toMatchObject({ externalId: '1', title: 'third' })
    expect(await personNamed(store, 'ada')).toMatchObject({ externalId: '2', title: 'another' })
    await store.close()
  })
})

describe('two people with one address', () => {
  it('are not taken for one, unless a row says who it is about', async () => {
    const store = await sqlite()
    const file =
      'userName,externalId,E-mail,title\n,,info@x.org,first\n,,info@x.org,second\ninfo@x.org,,,third\n,7,info@x.org,fourth\n,8,info@x.org,fifth\n'
    for (const batchSize of [1, 500]) {
      const { problems, rejected } = await take(store, csv(file), { batchSize })
      const why =
        'is about the person of line 2 (info@x.org); give each a user name or an external id'
      expect(problems).toEqual([
        `line 3, column "E-mail": ${why}`,
        `line 6, column "E-mail": ${why}`,
      ])
      expect(rejected).toBe(2)
      expect(await personNamed(store, 'info@x.org')).toMatchObject({
        title: 'fourth',
        externalId: '7',
      })
    }
    await store.close()
  })
})

describe('a date', () => {
  it('begins when the day begins in the organization', async () => {
    const store = await memory()
    const amsterdam = { ...organization, timeZone: 'Europe/Amsterdam' }
    const file =
      'userName,Start Date,End Date\nada,2026-05-01,2026-01-31\nbob,2026-05-01T09:00:00Z,\n'
    await take(store, csv(file), { organization: amsterdam })
    expect(await personNamed(store, 'ada')).toMatchObject({
      workFrom: '2026-04-30T22:00:00.000Z',
      terminatedAt: '2026-01-30T23:00:00.000Z',
    })
    expect((await personNamed(store, 'bob')).workFrom).toBe('2026-05-01T09:00:00.000Z')
  })
})

describe('a national telephone number', () => {
  it.each([
    ['NL', '+31612345678'],
    ['nl', '+31612345678'],
    ['The Netherlands', '+31612345678'],
    ['Netherlands', '+31612345678'],
    ['UK', '+44612345678'],
    ['AQ', undefined],
    ['Nowhere', undefined],
    ['', undefined],
  ])('is read as one of the country %j', async (country, e164) => {
    const store = await memory()
    const file = `userName,Mobile,Country\nada,06 12345678,${country}\n`
    await take(store, csv(file))
    const [phone] = (await personNamed(store, 'ada')).phones
    expect(phone?.value).toBe('06 12345678')
    expect(phone?.e164).toBe(e164)
    expect(await take(store, csv(file))).toMatchObject({ unchanged: 1 })
  })

  it('gets its international form once the country is known', async () => {
    const store = await memory()
    await take(store, csv('userName,Phone\nada,020 7946 0000\n'))
    const [before] = (await personNamed(store, 'ada')).phones
    await take(store, csv('userName,Phone,Country\nada,020 7946 0000,United Kingdom\n'))
    const [after] = (await personNamed(store, 'ada')).phones
    expect(after).toMatchObject({ ...before, e164: '+442079460000', country: 'GB' })
  })
})

describe('managers', () => {
  it('may come later in the file than those who report to them', async () => {
    const store = await sqlite()
    const rows = ['ada,bob', 'bob,cy', 'cy,', 'dee,CY'].join('\n')
    const file = `userName,Manager\n${rows}\n`
    expect(await take(store, csv(file), { batchSize: 2 })).toMatchObject({
      created: 4,
      incomplete: 0,
      problems: [],
    })
    const { id } = await personNamed(store, 'cy')
    expect((await personNamed(store, 'bob')).managerId).toBe(id)
    expect((await personNamed(store, 'dee')).managerId).toBe(id)
    expect((await personNamed(store, 'ada')).managerId).toBe((await personNamed(store, 'bob')).id)
    expect(await take(store, csv(file))).toMatchObject({ changed: 0, unchanged: 4 })
    await store.close()
  })

  it('who can not be are told with their line, and the rest of the row is taken', async () => {
    const store = await memory()
    const file = 'userName,title,Manager\nada,x,nobody\nbob,x,bob\ncy,x,dee\ndee,x,eve\neve,x,cy\n'
    const { problems, ...tally } = await take(store, csv(file))
    expect(tally).toMatchObject({ created: 5, rejected: 0, incomplete: 3 })
    expect(problems.toSorted()).toEqual([
      'line 2, column "Manager": there is nobody with the user name "nobody"',
      'line 3, column "Manager": nobody is their own manager',
      expect.stringMatching(/^line \d, column "Manager": "\w+" already reports to "\w+"/),
    ])
    expect(await personNamed(store, 'ada')).toMatchObject({ title: 'x' })
  })
})

describe('groups', () => {
  it('are joined beside those there are, and made where there are none', async () => {
    const store = await sqlite()
    const file = 'userName,Groups\nada,Staff\nbob,staff; Board\ncy,Staff\n'
    expect(await take(store, csv(file), { batchSize: 1 })).toMatchObject({ created: 3 })
    expect(await groupsOf(store, 'ada')).toEqual(['Staff'])
    expect(await groupsOf(store, 'bob')).toEqual(['Board', 'Staff'])
    expect(await groupsOf(store, 'cy')).toEqual(['Staff'])

    expect(await take(store, jsonl({ userName: 'ada', groups: ['Board'] }))).toMatchObject({
      changed: 1,
    })
    expect(await groupsOf(store, 'ada')).toEqual(['Board', 'Staff'])
    await take(store, jsonl({ userName: 'bob', groups: null }))
    expect(await groupsOf(store, 'bob')).toEqual([])
    expect(await groupsOf(store, 'ada')).toEqual(['Board', 'Staff'])
    expect(await store.groups.inOrganization(organization.id)).toHaveLength(2)
    await store.close()
  })

  it('are safe together with the people who join them, whatever comes after', async () => {
    const store = await sqlite()
    async function* rows(): AsyncGenerator<ReadRow> {
      yield* csv('userName,Groups\nada,Staff\nbob,staff\ncy,Staff\ndee,Board\n')
      throw new Error('broken off')
    }
    const committed: number[] = []
    const events = {
      problem: () => {},
      would: () => {},
      committed: (count: number) => committed.push(count),
    }
    await expect(take(store, rows(), { batchSize: 2, events })).rejects.toThrow('broken off')
    expect(committed).toEqual([2])
    expect(await groupsOf(store, 'ada')).toEqual(['Staff'])
    expect(await groupsOf(store, 'bob')).toEqual(['Staff'])
    const lines = (await everyChange(store)).filter(({ entity }) => entity === 'group')
    expect(lines.map(({ kind }) => kind)).toEqual(['created', 'changed'])
    await store.close()
  })

  it('are as the rows say in their order, also within a batch', async () => {
    const store = await sqlite()
    await take(
      store,
      jsonl(
        { userName: 'ada', groups: ['Staff', 'Board'] },
        { userName: 'ada', groups: null },
        { userName: 'ada', groups: ['Board'] },
        { userName: 'ada', groups: ['board'] },
      ),
    )
    expect(await groupsOf(store, 'ada')).toEqual(['Board'])
    await store.close()
  })

  it('that somebody else makes meanwhile are joined, not made twice', async () => {
    const store = await sqlite()
    async function* rows(): AsyncGenerator<ReadRow> {
      yield* csv('userName,Groups\nada,Staff\nbob,Staff;Board\n')
      const at = '2026-01-01T00:00:00.000Z'
      const zoe = newPerson({ organizationId: organization.id, userName: 'zoe' }, at)
      const group = {
        ...{ id: crypto.randomUUID(), organizationId: organization.id, name: 'STAFF' },
        ...{ version: 1, createdAt: at, updatedAt: at },
      }
      const writes: Write[] = [
        { kind: 'person', person: zoe },
        { kind: 'group', group },
        { kind: 'members', groupId: group.id, joining: [zoe.id], leaving: [] },
      ]
      await store.commit(writes, 'somebody else', at)
    }
    expect(await take(store, rows())).toMatchObject({ created: 2, problems: [] })
    expect(await groupsOf(store, 'zoe')).toEqual(['STAFF'])
    expect(await groupsOf(store, 'ada')).toEqual(['STAFF'])
    expect(await groupsOf(store, 'bob')).toEqual(['Board', 'STAFF'])
    await store.close()
  })
})

describe('batches', () => {
  it('are told as soon as they are safe, with the rows so far', async () => {
    const store = await memory()
    const names = Array.from({ length: 12 }, (_, at) => (at === 3 ? 'me' : `user${at}`))
    const { committed } = await take(store, csv(`userName\n${names.join('\n')}\n`), {
      batchSize: 5,
    })
    expect(committed).toEqual([5, 10, 12])
  })

  it('that clash with another writer are written row by row, and only the clash is refused', async () => {
    const store = await sqlite()
    const at = '2026-01-01T00:00:00.000Z'
    const draft = { organizationId: organization.id }
    async function* rows(): AsyncGenerator<ReadRow> {
      yield* csv('userName,externalId,title\nada,1,x\nbob,2,x\ncy,3,x\n')
      // Somebody else writes between the look-ups of the batch and its commit.
      const others = [
        newPerson({ ...draft, userName: 'ada' }, at),
        newPerson({ ...draft, userName: 'bob' }, at),
        newPerson({ ...draft, userName: 'robert', externalId: '2' }, at),
      ]
      const writes = others.map((person) => ({ kind: 'person' as const, person }))
      await store.commit(writes, 'somebody else', at)
    }
    const { problems, ...tally } = await take(store, rows())
    expect(tally).toMatchObject({ created: 1, changed: 1, rejected: 1, committed: [3] })
    expect(problems).toEqual(['line 3, column "userName": "bob" is the user name of somebody else'])
    expect(await personNamed(store, 'ada')).toMatchObject({ externalId: '1', title: 'x' })
    await personNamed(store, 'cy')
    await store.close()
  })
})

describe('a dry run', () => {
  it('says what would be, and writes nothing', async () => {
    const store = await sqlite()
    await take(store, csv('userName,title\nada,x\n'))
    const before = await everyChange(store)
    const file = 'userName,title,Groups\nada,y,\nbob,x,Staff\nBOB,z,\n'
    const { would, committed, ...tally } = await take(store, csv(file), { dryRun: true })
    expect(would).toEqual([
      'ada: title',
      'bob: userName, title, groups',
      'BOB: displayName, userName, title',
    ])
    expect(tally).toMatchObject({ created: 1, changed: 2 })
    expect(committed).toEqual([])
    expect(await everyChange(store)).toEqual(before)
    expect(await store.groups.inOrganization(organization.id)).toEqual([])
    await store.close()
  })
})

describe('a vCard file', () => {
  const card = (...lines: readonly string[]) =>
    ['BEGIN:VCARD', 'VERSION:4.0', ...lines, 'END:VCARD', ''].join('\r\n')
  const cards = (...all: readonly string[]) => cardRows(linesOf(inPieces(all.join(''))))

  it('creates people and finds them again, and tells what of a card is left out', async () => {
    const store = await memory()
    const ada = card('UID:abc-1', 'FN:Ada Byron', 'EMAIL:ada@x.org', 'TZ:Mars', 'LOGO:x')
    const all = () => cards(ada, card('FN:No Address'), card('FN:Bob', 'EMAIL:bob@x.org'))
    const { problems, ...tally } = await take(store, all())
    expect(tally).toMatchObject({ created: 2, rejected: 1, incomplete: 1 })
    expect(problems).toEqual([
      'line 7, column "LOGO": has no place in the record; it is left out',
      'line 6, column "TZ": "Mars" is no IANA time zone such as Europe/Amsterdam',
      'line 9: names nobody: it has neither a user name nor an e-mail address',
    ])
    expect(await personNamed(store, 'ada@x.org')).toMatchObject({
      displayName: 'Ada Byron',
      externalId: 'abc-1',
    })
    expect(await take(store, all())).toMatchObject({ created: 0, changed: 0, unchanged: 2 })
  })

  it('is about whoever has the id that is its UID, if they are there', async () => {
    const store = await memory()
    await take(store, csv('userName\nada\n'))
    const { id } = await personNamed(store, 'ada')
    const about = card(`UID:urn:uuid:${id}`, 'TITLE:Countess', 'EMAIL:other@x.org')
    expect(await take(store, cards(about))).toMatchObject({ changed: 1, problems: [] })
    const ada = await personNamed(store, 'ada')
    expect(ada).toMatchObject({ id, title: 'Countess' })
    expect(ada).not.toHaveProperty('externalId')
    const other = '01890a5d-ac96-774b-bcce-b302099a8057'
    await take(store, cards(card(`UID:urn:uuid:${other}`, 'EMAIL:zoe@x.org')))
    expect(await personNamed(store, 'zoe@x.org')).toMatchObject({ externalId: `urn:uuid:${other}` })
  })
})

describe('what a dry run tells', () => {
  it('is what each field is and would be, and single entries of lists', async () => {
    const store = await sqlite()
    await take(
      store,
      csv(
        'userName,title,Mail,owner,Groups,Manager\nada,x,a@x.org;b@x.org,no,Staff,bob\nbob,,,,,\ncy,,,,,\n',
      ),
    )
    const lines: string[] = []
    const file =
      'userName,title,Mail,owner,Groups,Manager\nada,y,b@x.org;c@x.org,yes,Board,cy\nzoe,z,,,,\nbob,,,,,\n'
    await take(store, csv(file), {
      dryRun: true,
      events: {
        problem: () => {},
        committed: () => {},
        would: (plan, line) =>
          lines.push(diffLines(plan, line), JSON.stringify(diffJson(plan, line))),
      },
    })
    const [ada = '', adaJson = '', zoe = ''] = lines
    expect(ada.split('\n')).toEqual([
      '~ ada  line 2',
      expect.stringMatching(
        /^ {4}emails {7}- \{"value":"a@x.org","primary":true,"verified":false\}$/,
      ),
      expect.stringMatching(/^ {4}emails {7}- \{"value":"b@x.org","primary":false/),
      expect.stringMatching(/^ {4}emails {7}\+ \{"value":"b@x.org","primary":true/),
      expect.stringMatching(/^ {4}emails {7}\+ \{"value":"c@x.org"/),
      expect.stringMatching(/^ {4}title {8}x → y$/),
      expect.stringMatching(/^ {4}flags.owner {2}false → true$/),
      expect.stringMatching(/^ {4}manager {6}bob → cy$/),
      expect.stringMatching(/^ {4}groups {7}\+ Board$/),
    ])
    expect(JSON.parse(adaJson)).toMatchObject({
      line: 2,
      outcome: 'changed',
      userName: 'ada',
      changes: expect.arrayContaining([{ field: 'title', before: 'x', after: 'y' }]),
    })
    expect(zoe.split('\n')).toEqual([
      '+ zoe  line 3',
      expect.stringMatching(/^ {4}userName {2}\+ zoe$/),
      expect.stringMatching(/^ {4}title {5}\+ z$/),
    ])
    expect(lines).toHaveLength(4)
    await store.close()
  })

  it('knows everybody of earlier batches, though nobody was written', async () => {
    const store = await sqlite()
    const rows = Array.from({ length: 30 }, (_, at) => `user${at},${at},user${(at + 1) % 30}`)
    const file = `userName,externalId,Manager\n${rows.join('\n')}\nUSER3,,user9\n,4,user1\n`
    const { problems, ...tally } = await take(store, csv(file), { dryRun: true, batchSize: 4 })
    expect(tally).toMatchObject({ created: 30, rejected: 0, incomplete: 1 })
    expect(problems).toEqual([expect.stringMatching(/already reports to/)])
    expect(await store.people.byUserName(organization.id, 'user3')).toBeUndefined()
    await store.close()
  })
})

// The command itself, as another program runs it.

const program = new URL('../../main.ts', import.meta.url).pathname

const kithd = (...args: readonly string[]) => kithdOf(program, ...args)

function kithdOf(program: string, ...args: readonly string[]) {
  return new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
    execFile(process.execPath, [program, ...args], (error, stdout, stderr) => {
      resolve({ code: error ? error.code : 0, stdout, stderr })
    })
  })
}

async function database(): Promise<string> {
  const path = newPath('.db')
  const store = await sqliteStore(path, now)
  await store.commit([{ kind: 'organization', organization }], 'test', '2026-01-01T00:00:00.000Z')
  await store.close()
  return path
}

async function fileWith(ending: string, text: string): Promise<string> {
  const path = newPath(ending)
  await writeFile(path, text)
  return path
}

describe('kithd import', () => {
  it('ends with 0 when all went in, and tells each batch and the sum on standard output', async () => {
    const file = await fileWith('.csv', 'userName\nada\nbob\n')
    expect(await kithd('import', file, '--database', await database())).toEqual({
      code: 0,
      stdout: 'committed 2\n2 created, 0 changed, 0 unchanged, 0 rejected\n',
      stderr: '',
    })
  })

  it('ends with 2 when rows were refused, and prints one line of JSON with --json', async () => {
    const file = await fileWith('.jsonl', '{"userName":"ada"}\n{"email":"foo"}\n')
    const { code, stdout, stderr } = await kithd(
      ...['import', file, '--json', '--database', await database()],
    )
    expect(code).toBe(2)
    expect(JSON.parse(stdout)).toEqual({
      file,
      dryRun: false,
      created: 1,
      changed: 0,
      unchanged: 0,
      rejected: 1,
      incomplete: 0,
    })
    expect(stderr.split('\n')).toEqual([
      'line 2, column "email": "foo" is not an e-mail address such as ada@example.com',
      'committed 2',
      '',
    ])
  })

  it.each([
    ['.csv', 'userName,Status,title,Other Thing,"Pay, gross"\nada,x,Chair,,1\n'],
    ['.jsonl', '{"userName":"ada","Status":1,"title":"Chair","otherThing":{}}\n'],
  ])('leaves out the columns of %s that it is told to ignore', async (ending, text) => {
    const file = await fileWith(ending, text)
    const path = await database()
    const { code, stdout } = await kithd(
      ...[
        'import',
        file,
        '--database',
        path,
        '--ignore',
        'status',
        '--ignore',
        'x, Other Thing',
        '--ignore',
        'pay, gross',
      ],
    )
    expect(code).toBe(0)
    expect(stdout).toMatch(/1 created/)
  })

  it.each([
    [
      '.jsonl',
      '{"userName":"ada"}\n{"userName":"bob","salery":1}\n',
      /Line 2: there is no column "salery"/,
    ],
    [
      '.csv',
      'userName,salery\nada,1\n',
      /Line 1: there is no column "salery"; docs.*\n {2}--ignore "salery" leaves out/,
    ],
    ['.xls', 'x', /ends neither in \.csv nor in \.jsonl/],
  ])('ends with 1 and writes nothing for %s with what nobody knows', async (ending, text, why) => {
    const path = await database()
    const { code, stdout, stderr } = await kithd(
      ...['import', await fileWith(ending, text), '--database', path],
    )
    expect(code).toBe(1)
    expect(stdout).toBe('')
    expect(stderr).toMatch(why)
    expect(stderr).not.toMatch(/\n {4}at /)
    const store = await sqliteStore(path, now)
    expect(await store.people.byUserName(organization.id, 'ada')).toBeUndefined()
    await store.close()
  })

  it('loses nobody and no membership when two run at once, and makes one group of each name', async () => {
    const path = await database()
    const names = (from: number) => Array.from({ length: 1200 }, (_, at) => `user${from + at}`)
    // Half of the people are in both files.
    const files = await Promise.all(
      [names(0), names(600)].map((all, file) =>
        fileWith(
          '.csv',
          `userName,Groups\n${all.map((name, at) => `${name},Staff;File ${file};Team ${at % 7}`).join('\n')}\n`,
        ),
      ),
    )
    const bin = new URL('../../../bin/kithd.js', import.meta.url).pathname
    const done = await Promise.all(
      files.map((file) => kithdOf(bin, 'import', file, '--database', path)),
    )
    // Where it takes long, how far it is is told.
    const problems = (text: string) => text.replaceAll(/^.*rows, .*$\n?/gm, '')
    expect(done.map(({ code, stderr }) => ({ code, problems: problems(stderr) }))).toEqual([
      { code: 0, problems: '' },
      { code: 0, problems: '' },
    ])
    const store = await sqliteStore(path, now)
    const groups = (await store.groups.inOrganization(organization.id)).map(({ name }) => name)
    const teams = Array.from({ length: 7 }, (_, at) => `Team ${at}`)
    expect(groups.sort()).toEqual(['File 0', 'File 1', 'Staff', ...teams])
    for (let at = 0; at < 1800; at += 1) {
      const wanted = new Set([
        ...(at < 1200 ? ['File 0', `Team ${at % 7}`] : []),
        ...(at >= 600 ? ['File 1', `Team ${(at - 600) % 7}`] : []),
        'Staff',
      ])
      expect(await groupsOf(store, `user${at}`), `user${at}`).toEqual([...wanted].sort())
    }
    await store.close()
  }, 30_000)

  it('ends with 1 for a file that is not there', async () => {
    const { code, stderr } = await kithd('import', 'nowhere.csv', '--database', await database())
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: 'kithd: "nowhere.csv" can not be read: there is no such file\n',
    })
  })
})
