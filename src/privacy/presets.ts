import type { Audience, FieldGroup } from '../person/person.ts'
import { defaultAudiences } from './rules.ts'

const presetNames = ['public', 'organization', 'connections', 'private'] as const
export type PresetName = (typeof presetNames)[number]

type Table = Readonly<Record<FieldGroup, Audience>>

/** Nobody else's business, whatever is chosen for the rest. */
const secret = {
  birthDate: 'nobody',
  gender: 'nobody',
  preferences: 'nobody',
  notifications: 'nobody',
} as const

const known = { existence: 'everyone', name: 'everyone', picture: 'everyone' } as const

const tables: Readonly<Record<PresetName, Table>> = {
  /** Everything that is for people to know; what is for programs stays in the organization. */
  public: {
    ...known,
    ...{ contact: 'everyone', profile: 'everyone', work: 'everyone', locale: 'everyone' },
    ...{ presence: 'everyone', meetings: 'everyone', account: 'organization' },
    ...{ data: 'organization', ...secret },
  },
  organization: defaultAudiences,
  /** To be found by everybody, and known to those whom one has agreed to be connected with. */
  connections: {
    ...known,
    ...{ contact: 'connections', profile: 'connections', work: 'connections' },
    ...{ locale: 'connections', presence: 'connections', meetings: 'connections' },
    ...{ account: 'connections', data: 'nobody', ...secret },
  },
  /** To be found by colleagues alone, by name and face. */
  private: {
    ...{ existence: 'organization', name: 'organization', picture: 'organization' },
    ...{ contact: 'nobody', profile: 'nobody', work: 'nobody', locale: 'nobody' },
    ...{ presence: 'nobody', meetings: 'nobody', account: 'nobody', data: 'nobody', ...secret },
  },
}

/** What somebody may choose at once, in place of an audience for each group. */
export const presets = presetNames.map((name) => ({ name, audiences: tables[name] }))
