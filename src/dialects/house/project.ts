import type { TSchema } from 'typebox'
import type { VisibleGroup } from '../../directory/directory.ts'
import type { VisibleOrganization } from '../../directory/steward.ts'
import type { Picture } from '../../person/person.ts'
import type { VisiblePerson } from '../../privacy/reveal.ts'
import type { Call } from '../dialect.ts'
import { GroupInList, HouseGroup, HouseOrganization, HousePerson } from './schema.ts'

/** What an answer takes of a call. */
export type Form = Pick<Call, 'pictureAddress'>

/** Pixels of the picture whose address is told; other sizes are at the picture's own path. */
const pictureSize = 500

/** Everybody has them; without anything in them they say as much as what may not be seen. */
const bags = [
  ...['emails', 'phones', 'addresses', 'contacts', 'socialLinks', 'interests', 'extraInfo'],
  ...['roles', 'licenses', 'groups', 'reportees', 'extensions'],
]

/**
 * The record's own words. Presence is no part of it: it changes by itself, and an `If-Match` would never hold.
 */
export function projectPerson(person: VisiblePerson, { pictureAddress }: Form): HousePerson {
  const picture = (kind: 'avatar' | 'cover') => {
    const one: Picture | undefined = person[kind]
    return one && { id: one.id, url: pictureAddress(person, kind, pictureSize) }
  }
  const whole = { ...person, avatar: picture('avatar'), cover: picture('cover') }
  const told = inOrder(HousePerson, whole) as HousePerson
  return Object.fromEntries(
    Object.entries(told).filter(([name, value]) => !(bags.includes(name) && isEmpty(value))),
  ) as HousePerson
}

export const projectGroup = (group: VisibleGroup): unknown =>
  inOrder(HouseGroup, { members: [], owners: [], ...group })

export const projectGroupInList = (group: VisibleGroup): unknown => inOrder(GroupInList, group)

export const projectOrganization = (organization: VisibleOrganization): HouseOrganizationBody =>
  inOrder(HouseOrganization, {
    defaults: {},
    ...organization,
  }) as HouseOrganizationBody

export type HouseOrganizationBody = Pick<VisibleOrganization, 'audiences'> & {
  readonly defaults: NonNullable<VisibleOrganization['defaults']>
}

const isEmpty = (value: unknown): boolean =>
  typeof value === 'object' && value !== null && Object.keys(value).length === 0

/** What of a value its schema names, in that order, all the way down; what is undefined is left out. */
export function inOrder(schema: TSchema, value: unknown): unknown {
  const { properties, items } = schema as {
    readonly properties?: Readonly<Record<string, TSchema>>
    readonly items?: TSchema
  }
  if (Array.isArray(value)) return items ? value.map((item) => inOrder(items, item)) : value
  if (typeof value !== 'object' || value === null || !properties) return value
  const told: Record<string, unknown> = {}
  for (const name in properties) {
    const one = (value as Readonly<Record<string, unknown>>)[name]
    const of = properties[name]
    if (one !== undefined && of) told[name] = inOrder(of, one)
  }
  return told
}
