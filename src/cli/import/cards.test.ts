import { describe, expect, it } from 'vitest'
import { cardRows } from './cards.ts'
import { inWords } from './importer.ts'
import { linesOf } from './lines.ts'
import { ignoredIn, type Row } from './rows.ts'

// Cards as Apple's, Google's and Microsoft's programs write them, from memory.

const apple = `BEGIN:VCARD
VERSION:3.0
PRODID:-//Apple Inc.//macOS 14.5//EN
N:Byron;Ada;Augusta;Lady;Ph.D.
FN:Lady Ada Augusta Byron Ph.D.
NICKNAME:Countess
ORG:Analytical Engines Ltd.;Research;
TITLE:Chief Engineer
EMAIL;type=INTERNET;type=HOME;type=pref:ada@home.example
item1.EMAIL;type=INTERNET:ada@school.example
item1.X-ABLabel:School
TEL;type=CELL;type=VOICE;type=pref:+44 7700 900123
TEL;type=WORK;type=FAX:+44 20 7946 0001
item2.TEL:020 7946 0002
item2.X-ABLabel:_$!<Other>!$_
item3.ADR;type=WORK;type=pref:;;12 St James's Square\\nSecond Floor;London;;SW1Y 4JH;United King
 dom
item3.X-ABADR:gb
item4.URL;type=pref:https\\://ada.example/home
item4.X-ABLabel:_$!<HomePage>!$_
BDAY;X-APPLE-OMIT-YEAR=1604:1604-12-10
IMPP;X-SERVICE-TYPE=Skype;type=HOME;type=pref:skype:ada.byron
X-AIM;type=HOME:adabyron
IMPP;X-SERVICE-TYPE=AIM;type=HOME:aim:adabyron
X-SOCIALPROFILE;type=twitter:http://twitter.com/ada
NOTE:Likes engines\\, verse\\; and tea.\\nCall first.
PHOTO;ENCODING=b;TYPE=JPEG:/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAAgGBgcGBQgHBwcJCQgKDBQNDAsLDBkS
 EhMPFB0aHx4dGhwcICQuJyAiLCMcHCg3KSwwMTQ0NB8nOT04MjwuMzQy
X-ABUID:5C1E9D52-7E6F-4C1B-8F57-000000000001:ABPerson
UID:9f1c2d3e-apple
REV:2026-01-02T03:04:05Z
END:VCARD
`

const google = `BEGIN:VCARD
VERSION:3.0
FN:Bob van der Stone
N:van der Stone;Bob;;;
EMAIL;TYPE=INTERNET;TYPE=WORK:bob@example.com
item1.EMAIL;TYPE=INTERNET:bob@club.example
item1.X-ABLabel:Club
TEL;TYPE=CELL:+31612345678
TEL;TYPE=WORKFAX:+31201234567
ADR;TYPE=HOME:;;Keizersgracht 1;Amsterdam;NH;1015 CN;NL
item2.ORG:Stone & Sons
item2.TITLE:Mason
BDAY:19800229
item3.URL:http\\://www.google.com/profiles/1
item3.X-ABLabel:PROFILE
PHOTO:https://lh3.googleusercontent.com/contacts/abc
CATEGORIES:myContacts,Builders
END:VCARD
`

const outlook = `BEGIN:VCARD\r
VERSION:2.1\r
N;LANGUAGE=nl;CHARSET=utf-8;ENCODING=QUOTED-PRINTABLE:M=C3=BCller;Zo=C3=AB;;Dr.\r
FN;CHARSET=utf-8;ENCODING=QUOTED-PRINTABLE:Dr. Zo=C3=AB M=C3=BCller\r
ORG:Contoso;Sales\r
TITLE:Account Manager\r
TEL;WORK;VOICE:(020) 123 4567\r
TEL;CELL;VOICE:06 12345678\r
ADR;WORK;PREF;ENCODING=QUOTED-PRINTABLE:;Suite 3;Damrak 1=0D=0AHoek;Amsterdam;;1012 LG;Netherlands\r
LABEL;WORK;PREF;ENCODING=QUOTED-PRINTABLE:Suite 3=0D=0ADamrak 1=0D=0A=\r
1012 LG Amsterdam=0D=0ANetherlands\r
EMAIL;PREF;INTERNET:zoe@contoso.example\r
X-MS-OL-DEFAULT-POSTAL-ADDRESS:2\r
REV:20260102T030405Z\r
END:VCARD\r
`

async function read(text: string, ignore: readonly string[] = []) {
  async function* bytes() {
    for (let at = 0; at < text.length; at += 50) yield Buffer.from(text.slice(at, at + 50))
  }
  const rows = await Array.fromAsync(cardRows(linesOf(bytes()), ignoredIn(ignore)))
  return rows.map((row) =>
    'cells' in row
      ? {
          said: Object.fromEntries(row.cells.map(({ column, value }) => [column.name, value])),
          leftOut: row.leftOut?.map(inWords),
          uid: row.otherwise?.value,
          row,
        }
      : { refused: inWords(row) },
  )
}

const card = (...lines: readonly string[]) =>
  ['BEGIN:VCARD', 'VERSION:4.0', ...lines, 'END:VCARD', ''].join('\r\n')

const said = async (...lines: readonly string[]) => (await read(card(...lines)))[0]?.said
const leftOut = async (...lines: readonly string[]) => (await read(card(...lines)))[0]?.leftOut

describe('a card of Apple’s', () => {
  it('is understood, and what can not be kept is told with its line', async () => {
    const [one] = await read(apple)
    expect(one?.said).toEqual({
      displayName: 'Lady Ada Augusta Byron Ph.D.',
      familyName: 'Byron',
      givenName: 'Ada',
      middleName: 'Augusta',
      honorificPrefix: 'Lady',
      honorificSuffix: 'Ph.D.',
      nickName: 'Countess',
      company: 'Analytical Engines Ltd.',
      department: 'Research',
      title: 'Chief Engineer',
      emails: [
        { value: 'ada@home.example', type: 'home', primary: true },
        { value: 'ada@school.example', type: 'School' },
      ],
      phones: [
        { value: '+44 7700 900123', type: 'mobile', primary: true },
        { value: '+44 20 7946 0001', type: 'work fax' },
        { value: '020 7946 0002', type: 'other' },
      ],
      addresses: [
        {
          type: 'work',
          primary: true,
          street: "12 St James's Square\nSecond Floor",
          locality: 'London',
          postalCode: 'SW1Y 4JH',
          country: 'United Kingdom',
        },
      ],
      profileUrl: 'https://ada.example/home',
      contacts: [
        { type: 'skype', value: 'ada.byron', primary: true },
        { type: 'aim', value: 'adabyron' },
      ],
      twitter: 'http://twitter.com/ada',
      notes: 'Likes engines, verse; and tea.\nCall first.',
    })
    expect(one?.uid).toBe('9f1c2d3e-apple')
    expect(one?.leftOut).toEqual([
      'line 21, column "BDAY": "1604-12-10" is no day with its year; it is left out',
      'line 27, column "PHOTO": is a picture within the file; only an address is taken; it is left out',
      'line 29, column "X-ABUID": has no place in the record; it is left out',
    ])
  })
})

describe('a card of Google’s', () => {
  it('is understood', async () => {
    const [one] = await read(google)
    expect(one?.said).toEqual({
      displayName: 'Bob van der Stone',
      familyName: 'van der Stone',
      givenName: 'Bob',
      emails: [
        { value: 'bob@example.com', type: 'work' },
        { value: 'bob@club.example', type: 'Club' },
      ],
      phones: [
        { value: '+31612345678', type: 'mobile' },
        { value: '+31201234567', type: 'workfax' },
      ],
      addresses: [
        {
          type: 'home',
          street: 'Keizersgracht 1',
          locality: 'Amsterdam',
          region: 'NH',
          postalCode: '1015 CN',
          country: 'NL',
        },
      ],
      company: 'Stone & Sons',
      title: 'Mason',
      birthDate: '1980-02-29',
      profileUrl: 'http://www.google.com/profiles/1',
      avatar: 'https://lh3.googleusercontent.com/contacts/abc',
      groups: ['myContacts', 'Builders'],
    })
    expect(one?.leftOut).toEqual([])
  })
})

describe('a card of Outlook’s', () => {
  it('is understood, though it is of version 2.1', async () => {
    const [one] = await read(outlook)
    expect(one?.said).toEqual({
      displayName: 'Dr. Zoë Müller',
      familyName: 'Müller',
      givenName: 'Zoë',
      honorificPrefix: 'Dr.',
      company: 'Contoso',
      department: 'Sales',
      title: 'Account Manager',
      phones: [
        { value: '(020) 123 4567', type: 'work' },
        { value: '06 12345678', type: 'mobile' },
      ],
      addresses: [
        {
          type: 'work',
          primary: true,
          street: 'Suite 3\nDamrak 1\nHoek',
          locality: 'Amsterdam',
          postalCode: '1012 LG',
          country: 'Netherlands',
          formatted: 'Suite 3\nDamrak 1\n1012 LG Amsterdam\nNetherlands',
        },
      ],
      emails: [{ value: 'zoe@contoso.example', primary: true }],
    })
    expect(one?.leftOut).toEqual([
      'line 13, column "X-MS-OL-DEFAULT-POSTAL-ADDRESS": has no place in the record; it is left out',
    ])
  })
})

describe('a card', () => {
  it('of version 4.0 may give numbers as addresses, and the order of preference', async () => {
    expect(
      await said(
        'TEL;VALUE=uri;TYPE="voice,work";PREF=2:tel:+1-418-656-9254;ext=102',
        'TEL;VALUE=uri;TYPE=cell;PREF=1:tel:+1-418-262-6501',
        'TEL;VALUE=uri:tel:7042;phone-context=+1-914-555',
      ),
    ).toEqual({
      phones: [
        { value: '+1-418-656-9254 ext. 102', type: 'work' },
        { value: '+1-418-262-6501', type: 'mobile', primary: true },
        { value: '+1-914-5557042' },
      ],
    })
  })

  it('may have birthdays in the forms of both versions', async () => {
    for (const text of ['18151210', '1815-12-10', '18151210T010203Z', '1815-12-10T00:00:00Z']) {
      expect(await said(`BDAY:${text}`)).toEqual({ birthDate: '1815-12-10' })
    }
    for (const text of ['--1210', '1815', '1815-12', '---10', 'circa 1815']) {
      expect(await leftOut(`BDAY:${text}`)).toHaveLength(1)
    }
  })

  it('may have the standard’s letters for a gender, or words', async () => {
    expect(await said('GENDER:M')).toEqual({ gender: 'male' })
    expect(await said('GENDER:O;intersex')).toEqual({ gender: 'intersex' })
    expect(await said("GENDER:;it's complicated")).toEqual({ gender: "it's complicated" })
  })

  it('keeps all seven parts of an address', async () => {
    expect(
      await said('ADR;LABEL="PO Box 9^nParis":PO Box 9;Floor 2;1 Rue A\\, B;Paris;IDF;75001;FR'),
    ).toEqual({
      addresses: [
        {
          formatted: 'PO Box 9\nParis',
          street: 'PO Box 9\nFloor 2\n1 Rue A, B',
          locality: 'Paris',
          region: 'IDF',
          postalCode: '75001',
          country: 'FR',
        },
      ],
    })
  })

  it('loses nothing silently', async () => {
    expect(
      await leftOut(
        ...['TITLE:one', 'TITLE:two', 'ORG:a;b;c', 'NICKNAME:x,y', 'EMAIL:not one', 'TEL:none'],
        ...['KEY:data:x', 'X-KITH-NO-SUCH:1', 'LABEL:alone', 'GEO:geo:1,2'],
      ),
    ).toEqual([
      expect.stringMatching(/^line 4, column "TITLE": "two" is a second one/),
      expect.stringMatching(/^line 5, column "ORG": "c" is more than a department/),
      expect.stringMatching(/^line 6, column "NICKNAME": "y" is more than one/),
      expect.stringMatching(/^line 7, column "EMAIL": "not one" is no e-mail address/),
      expect.stringMatching(/^line 8, column "TEL": "none" is no telephone number/),
      expect.stringMatching(/^line 9, column "KEY": has no place in the record/),
      expect.stringMatching(/^line 10, column "X-KITH-NO-SUCH": there is no column/),
      expect.stringMatching(/^line 11, column "LABEL": is of no address/),
      expect.stringMatching(/^line 12, column "GEO": has no place in the record/),
    ])
    const [one] = await read(card('KEY:data:x', 'FN:Ada'), ['key'])
    expect(one?.leftOut).toEqual([])
  })

  it('is about somebody who is there by its UID, else by it as an external id', async () => {
    const id = '01890a5d-ac96-774b-bcce-b302099a8057'
    const [one] = await read(card(`UID:urn:uuid:${id.toUpperCase()}`))
    expect((one?.row as Row | undefined)?.personId).toBe(id)
    expect(one?.uid).toBe(`urn:uuid:${id.toUpperCase()}`)
    const [ours] = await read(card('PRODID:-//Kith//kithd//EN', `UID:urn:uuid:${id}`))
    expect((ours?.row as Row | undefined)?.personId).toBe(id)
    expect(ours?.uid).toBeUndefined()
  })

  it('is refused with its line where it makes no sense, and the next one is read', async () => {
    const file = [
      ...['hello', 'BEGIN:VCARD', 'VERSION:4.0', 'FN:never ends', 'BEGIN:VCARD', 'VERSION:4.0'],
      ...['FN:Ada', 'END:VCARD', 'BEGIN:VCARD', 'FN:no version', 'END:VCARD', 'BEGIN:VCARD'],
      ...['VERSION:5.0', 'END:VCARD', 'BEGIN:VCARD', 'VERSION:3.0', 'no property', 'END:VCARD'],
      ...['BEGIN:VCARD', 'VERSION:4.0', 'KIND:group', 'END:VCARD', 'BEGIN:VCARD', 'VERSION:4.0'],
    ].join('\n')
    const all = await read(file)
    expect(all.map(({ refused, said }) => refused ?? said)).toEqual([
      'line 1: belongs to no card: one begins with BEGIN:VCARD',
      'line 2: begins a card that never ends: END:VCARD is missing',
      { displayName: 'Ada' },
      'line 9: begins a card without VERSION; 3.0, 4.0 and 2.1 are read',
      'line 12: begins a card of version "5.0"; 3.0, 4.0 and 2.1 are read',
      'line 17: is no property such as FN:Ada Byron',
      'line 19: begins the card of a group, not of a person',
      'line 23: begins a card that never ends: END:VCARD is missing',
    ])
  })
})
