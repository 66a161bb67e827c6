import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { commandLine, folderForTest } from '../../../test/command-line.ts'
import { personRules } from '../../privacy/rules.ts'
import { givenOut } from '../import/columns.ts'
import { cards } from './cards.ts'
import { csv, toldOf } from './formats.ts'
import { holds, tableRows } from './holds.ts'

describe('the table of what formats hold', () => {
  it('has every field of the record, and what is in none is named', () => {
    const fields = [...Object.keys(holds), ...givenOut].filter((name) => name !== 'groups')
    expect(fields.sort()).toEqual(Object.keys(personRules).sort())
  })

  it('is what docs/export.md says', () => {
    const page = readFileSync(new URL('../../../docs/export.md', import.meta.url), 'utf8')
    const rows = page.split('\n').filter((line) => /^\| `/.test(line))
    const squeezed = (line: string) => line.replace(/ +\|/g, ' |')
    expect(rows.map(squeezed)).toEqual(tableRows().map(squeezed))
  })
})

describe('a CSV file for a spreadsheet', () => {
  it('has no cell that is taken for a formula', () => {
    const { text } = csv.write(
      { userName: 'ada', title: '=cmd()', phones: [phone('+31 6 12345678')], bio: "'quoted" },
      'x',
    )
    expect(text).toContain(",'=cmd(),")
    expect(text).toContain(",'+31 6 12345678,")
    expect(text).toContain(",'quoted,")
  })
})

const phone = (value: string) => ({ value, type: 'mobile', primary: true, verified: false })

describe('a card', () => {
  const stated = {
    userName: 'ada',
    displayName: 'Ada Byron',
    givenName: 'Ada',
    familyName: 'Byron',
    emails: [{ value: 'ada@example.com', type: 'work', primary: true, verified: true }],
    phones: [phone('+31 6 12345678')],
    birthDate: '1815-12-10',
    gender: 'female',
    notes: 'one, two; three\nfour',
    groups: ['Staff', 'A, B'],
    costCenter: '7',
  }

  it('is of version 4.0, in the words of the standard, and in ours for the rest', () => {
    expect(cards('4.0').write(stated, 'ID').text.split('\r\n')).toEqual([
      'BEGIN:VCARD',
      'VERSION:4.0',
      'PRODID:-//Kith//kithd//EN',
      'UID:urn:uuid:ID',
      'FN:Ada Byron',
      'N:Byron;Ada;;;',
      'EMAIL;TYPE=work;PREF=1;X-KITH-VERIFIED=true:ada@example.com',
      'TEL;TYPE=cell;PREF=1:+31 6 12345678',
      'BDAY:18151210',
      'GENDER:F',
      'NOTE:one\\, two\\; three\\nfour',
      'CATEGORIES:Staff,A\\, B',
      'X-KITH-USER-NAME:ada',
      'X-KITH-COST-CENTER:7',
      'END:VCARD',
      '',
    ])
  })

  it('is of version 3.0 if that is wanted', () => {
    const { text } = cards('3.0').write(stated, 'ID')
    expect(text).toContain('EMAIL;TYPE=work;TYPE=pref;X-KITH-VERIFIED=true:ada@example.com\r\n')
    expect(text).toContain('BDAY:1815-12-10\r\n')
    expect(text).toContain('X-KITH-GENDER:female\r\n')
  })

  it('has no line of more than 75 bytes, and no letter is torn apart', () => {
    const { text } = cards('4.0').write({ userName: 'ada', notes: 'ü\u{1f600} '.repeat(200) }, 'ID')
    for (const line of text.split('\r\n')) expect(Buffer.byteLength(line)).toBeLessThanOrEqual(75)
    expect(text).not.toContain('\ufffd')
  })
})

describe('what is told of somebody', () => {
  it('leaves out half a character, and tells the field', () => {
    const person = { userName: 'ada', emails: [], bio: 'half \ud83d', title: 'whole' }
    const told = toldOf({ person, groups: [], named: [] } as never)
    expect(told).toEqual({ stated: { userName: 'ada', title: 'whole' }, lost: ['bio'] })
  })
})

describe('kithd export', () => {
  async function furnished() {
    const folder = folderForTest()
    const line = commandLine(folder)
    await line.kithd('org', 'create', 'Acme')
    const rows = [
      { userName: 'ada', title: '+1', phones: [{ value: '+31 6 12345678' }], groups: ['Staff'] },
      { userName: 'bob', manager: 'ada', bio: '  ' },
      { userName: 'zoe' },
    ]
    const file = join(folder, 'in.jsonl')
    writeFileSync(file, rows.map((row) => JSON.stringify(row)).join('\n'))
    await line.kithd('import', file)
    await line.kithd('person', 'set', 'zoe', 'lifecycle=deleted')
    return { ...line, folder, file: (name: string) => join(folder, name) }
  }

  it('writes a file for its owner alone, without deleted people, and leaves nothing else behind', async () => {
    const { kithd, file, folder } = await furnished()
    const out = file('out.csv')
    expect(await kithd('export', out)).toEqual({
      code: 0,
      stdout: `2 people in ${out}\nWhat .csv could not hold as it is:\n  bio of 1 person\n`,
      stderr: '',
    })
    expect(statSync(out).mode & 0o777).toBe(0o600)
    expect(readdirSync(folder).filter((name) => name.includes('part'))).toEqual([])
    const text = readFileSync(out, 'utf8')
    expect(text.split('\r\n')).toHaveLength(4)
    expect(text).toMatch(/^ada,.*,'\+31 6 12345678,.*,'\+1,.*Staff/m)
    expect(text).toMatch(/^bob,.*,ada,/m)
  })

  it('overwrites nothing unless it is told to', async () => {
    const { kithd, file } = await furnished()
    const out = file('out.vcf')
    writeFileSync(out, 'mine')
    const { code, stderr } = await kithd('export', out)
    expect({ code, stderr }).toEqual({
      code: 1,
      stderr: `kithd: There is already a file ${out}; --force overwrites it\n`,
    })
    expect(readFileSync(out, 'utf8')).toBe('mine')
    expect((await kithd('export', out, '--force', '--vcard', '3')).code).toBe(0)
    expect(readFileSync(out, 'utf8')).toMatch(/^BEGIN:VCARD\r\nVERSION:3\.0\r\n/)
  })

  it('writes to standard output what it is told the format of', async () => {
    const { kithd } = await furnished()
    const { stdout, stderr } = await kithd(
      ...['export', '-', '--format', 'jsonl', '--deleted', '--json'],
    )
    const rows = stdout
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    expect(rows.map(({ userName }) => userName).sort()).toEqual(['ada', 'bob', 'zoe'])
    expect(rows.find(({ userName }) => userName === 'bob')).toMatchObject({
      manager: 'ada',
      bio: '  ',
    })
    expect(JSON.parse(stderr)).toEqual({ file: '-', format: 'jsonl', people: 3, lost: {} })
    expect((await kithd('export', '-')).stderr).toMatch(/--format says what to write/)
    expect((await kithd('export', 'x.csv', '--vcard', '3')).stderr).toMatch(/--vcard is of \.vcf/)
    expect(existsSync('x.csv')).toBe(false)
  })

  it('can be imported again, which changes nothing', { timeout: 120_000 }, async () => {
    const { kithd, file } = await furnished()
    for (const ending of ['csv', 'jsonl', 'vcf']) {
      const out = file(`again.${ending}`)
      await kithd('export', out)
      expect((await kithd('import', out)).stdout).toMatch(
        /^0 created, 0 changed, 2 unchanged, 0 rejected$/m,
      )
    }
  })
})
