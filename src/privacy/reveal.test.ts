import { describe, expect, it } from 'vitest'
import { ada, organizations } from '../../test/cast.ts'
import type { OrganizationId, PersonId } from '../person/ids.ts'
import { type Audience, fieldGroups, Person } from '../person/person.ts'
import { reveal } from './reveal.ts'
import { defaultAudiences, knownRules, personRules } from './rules.ts'
import { noTies, type Ties, type Viewer } from './viewer.ts'

const { home, elsewhere, manager } = organizations
const viewer = (organizationId: OrganizationId, more: Partial<Viewer> = {}): Viewer => ({
  keyId: 'key',
  personId: 'a0000000-0000-4000-8000-00000000000a' as PersonId,
  organizationId,
  timeZone: 'UTC',
  administers: new Set(),
  owner: false,
  plain: true,
  ...more,
})

const service = (): Viewer => {
  const { personId: _, ...rest } = viewer(home.id)
  return rest
}

const both: Ties = { connected: true, coAttendee: true }
const known = {
  presence: { state: 'active' as const },
  declared: {},
  groups: [],
  groupsAbove: [],
  manager: undefined,
  reportees: [],
  createdBy: undefined,
}
const see = (one: Viewer, ties: Ties, audiences: Person['audiences'], organizationAudiences = {}) =>
  reveal({ person: { ...ada, audiences }, organizationAudiences, ...known }, one, ties, {})

describe('reveal', () => {
  // By hand: whom each audience lets in. Relations are a set: none of them includes another.
  it.each<[string, Viewer, Ties, readonly Audience[]]>([
    [
      'self',
      viewer(home.id, { personId: ada.id }),
      noTies,
      ['everyone', 'organization', 'event', 'connections', 'nobody'],
    ],
    [
      'an administrator',
      viewer(home.id, { administers: new Set([home.id]) }),
      noTies,
      ['everyone', 'organization', 'event', 'connections', 'nobody'],
    ],
    [
      'an administrator of the managing organization',
      viewer(manager.id, { administers: new Set([manager.id, home.id]) }),
      noTies,
      ['everyone', 'organization', 'event', 'connections', 'nobody'],
    ],
    [
      'an administrator of another organization',
      viewer(elsewhere.id, { administers: new Set([elsewhere.id]) }),
      noTies,
      ['everyone'],
    ],
    ['a colleague', viewer(home.id), noTies, ['everyone', 'organization']],
    [
      'a connection',
      viewer(elsewhere.id),
      { connected: true, coAttendee: false },
      ['everyone', 'connections'],
    ],
    [
      'a co-attendee',
      viewer(elsewhere.id),
      { connected: false, coAttendee: true },
      ['everyone', 'event'],
    ],
    [
      'a colleague, connected, in the event',
      viewer(home.id),
      both,
      ['everyone', 'organization', 'event', 'connections'],
    ],
    ['a service, which has no ties', service(), both, ['everyone', 'organization']],
    ['an outsider', viewer(elsewhere.id), noTies, ['everyone']],
  ])('lets %s in where the audience says so, and nowhere else', (_, one, ties, audiences) => {
    for (const audience of [
      'everyone',
      'organization',
      'event',
      'connections',
      'nobody',
    ] as const) {
      const visible = see(one, ties, { contact: audience })
      expect('emails' in (visible ?? {})).toBe(audiences.includes(audience))
      const there = see(one, ties, { existence: audience })
      expect(there !== undefined).toBe(audiences.includes(audience))
    }
  })

  it('takes the person’s word before the organization’s, and that before the default', () => {
    const colleague = viewer(home.id)
    expect(see(colleague, noTies, {})).toHaveProperty('emails')
    expect(see(colleague, noTies, {}, { contact: 'nobody' })).not.toHaveProperty('emails')
    expect(see(colleague, noTies, { contact: 'everyone' }, { contact: 'nobody' })).toHaveProperty(
      'emails',
    )
  })

  it('shows an outsider, where nothing is decided, existence, name, picture and creation time alone', () => {
    const visible = see(viewer(elsewhere.id), noTies, {})
    expect(Object.keys(visible ?? {}).sort()).toEqual(
      [
        ...['id', 'number', 'organizationId', 'type', 'createdAt'],
        ...[
          'displayName',
          'formattedName',
          'honorificPrefix',
          'givenName',
          'middleName',
          'familyName',
          'honorificSuffix',
          'nickName',
          'initials',
          'pronouns',
        ],
        ...['avatar', 'cover', 'videoIntro'],
        ...['relations', 'updatedAt', 'extensions'],
      ]
        .filter((field) => field in ada || !(field in personRules))
        .sort(),
    )
  })

  it('shows a colleague neither birth date, gender, preferences, notifications, nor what is nobody’s business', () => {
    const visible = see(viewer(home.id), noTies, {})
    for (const field of [
      'birthDate',
      'gender',
      'colorMode',
      'emailNotifications',
      'quotaLimit',
      'usedSpace',
      'audiences',
      'externalId',
      'createdById',
      'createdBy',
      'version',
      'touched',
    ]) {
      expect(visible).not.toHaveProperty(field)
    }
  })

  it('shows somebody of whom the person wants nothing what it would if meetings were nobody’s', () => {
    const touched = { meetings: '2026-01-02T00:00:00.000Z' }
    const subject = (audiences: Person['audiences']) => ({
      ...{ person: { ...ada, audiences, touched }, organizationAudiences: {}, ...known },
    })
    for (const one of [viewer(home.id), viewer(elsewhere.id)]) {
      const seen = reveal(
        subject({ meetings: 'everyone' }),
        one,
        { ...noTies, unwelcome: true },
        {},
      )
      expect(seen).toEqual(reveal(subject({ meetings: 'nobody' }), one, noTies, {}))
      const welcome = reveal(subject({ meetings: 'everyone' }), one, noTies, {})
      expect(seen).not.toEqual(welcome)
    }
  })

  it('tells each viewer the time of the latest change that they may see', () => {
    const person = {
      ...ada,
      updatedAt: '2026-01-03T00:00:00.000Z',
      touched: {
        name: '2026-01-01T00:00:00.000Z',
        profile: '2026-01-02T00:00:00.000Z',
        birthDate: '2026-01-03T00:00:00.000Z',
      },
    }
    const at = (one: Viewer) =>
      reveal({ person, organizationAudiences: {}, ...known }, one, noTies, {})?.updatedAt
    expect(at(viewer(elsewhere.id))).toBe('2026-01-01T00:00:00.000Z')
    expect(at(viewer(home.id))).toBe('2026-01-02T00:00:00.000Z')
    expect(at(viewer(home.id, { personId: ada.id }))).toBe('2026-01-03T00:00:00.000Z')
  })

  it('shows nothing of an extension bag that no rule names', () => {
    const person = {
      ...ada,
      extensions: { one: { open: 1, hidden: 2, unknown: 3 }, other: { any: 4 } },
    }
    const rules = { one: { open: 'existence', hidden: 'birthDate' } } as const
    const visible = reveal(
      { person, organizationAudiences: {}, ...known },
      viewer(home.id),
      noTies,
      rules,
    )
    expect(visible?.extensions).toEqual({ one: { open: 1 } })
  })

  it('has a rule for every field and an audience for every group', () => {
    expect(Object.keys(personRules).sort()).toEqual(Object.keys(Person.properties).sort())
    expect(Object.keys(knownRules).sort()).toEqual(Object.keys(known).sort())
    expect(Object.keys(defaultAudiences).sort()).toEqual([...fieldGroups].sort())
  })
})
