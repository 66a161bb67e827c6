import type { PersonId } from '../person/ids.ts'
import {
  type Audience,
  type Audiences,
  type FieldGroup,
  fieldGroups,
  type Person,
} from '../person/person.ts'
import {
  audienceOf,
  audiencesInForce,
  audiencesTowards,
  type ExtensionRules,
  type Known,
  knownRules,
  personRules,
  type Rule,
} from './rules.ts'
import { type Relations, relationsOf, type Ties, type Viewer } from './viewer.ts'

declare const revealed: unique symbol

/** What one viewer may see of one person. Only {@link reveal} makes one; dialects take no other. */
export type VisiblePerson = Pick<
  Person,
  'id' | 'number' | 'organizationId' | 'type' | 'createdAt'
> &
  Partial<Omit<Person, 'extensions' | 'touched' | 'version'>> &
  Partial<Known> & {
    /** What the viewer is to this person; no secret to the viewer. */
    readonly relations: Relations
    /** The latest change of anything that this viewer may see. */
    readonly updatedAt: string
    /** The bags of the dialects that have one, each cut down by its own rules. */
    readonly extensions: Readonly<Record<string, Readonly<Record<string, unknown>>>>
    /** The audience in force for each group, whoever decided it; only to those who see `audiences`. */
    readonly audiencesInForce?: Readonly<Record<FieldGroup, Audience>>
    /** The fields in which the person follows their organization; only to those who see `audiences`. */
    readonly followed?: readonly (keyof Person)[]
    readonly [revealed]: true
  }

export interface Subject extends Known {
  readonly person: Person
  /** What the person's organization decides for those who have not. */
  readonly organizationAudiences: Audiences
  /** What the person's organization sets for those who have set nothing; absent: none. */
  readonly organizationDefaults?: Partial<Person> | undefined
}

/** The person as they are in force: with their organization's word where they have said nothing. */
export const inForce = (person: Person, defaults: Partial<Person> | undefined): Person =>
  defaults === undefined ? person : { ...defaults, ...person }

/**
 * The one privacy decision: what `viewer` may see of `subject`.
 * Undefined when the viewer may not even know that the person exists.
 */
export function reveal(
  subject: Subject,
  viewer: Viewer,
  ties: Ties,
  extensionRules: Readonly<Record<string, ExtensionRules>>,
): VisiblePerson | undefined {
  const { person } = subject
  const relations = relationsOf(viewer, person, ties)
  const audiences = audiencesTowards(person.audiences, ties.unwelcome)
  const sees = sightOf(audiences, subject.organizationAudiences, relations)
  if (!sees('existence')) return undefined

  const visible: Record<string, unknown> = {
    relations,
    updatedAt: updatedFor(person, relations, sees),
    extensions: revealExtensions(person.extensions, extensionRules, sees),
  }
  const whole = inForce(person, subject.organizationDefaults)
  const seen = shownRules.map(sees)
  // Over what there is: looking for what there is not costs many times as much.
  for (const field in whole) {
    const place = placeOf.get(field)
    if (place !== undefined && seen[place]) visible[field] = whole[field as keyof Person]
  }
  for (const [rule, fields] of knownFields) {
    if (sees(rule)) for (const field of fields) visible[field] = subject[field]
  }
  // An id is a mention too: who may not be known to exist is not named by it either.
  if (sees(personRules.managerId)) visible.managerId = subject.manager?.id
  if (sees(personRules.audiences)) {
    visible.audiencesInForce = audiencesInForce(person.audiences, subject.organizationAudiences)
    visible.followed = followed(subject)
  }
  return visible as unknown as VisiblePerson
}

const followed = ({ person, organizationDefaults = {} }: Subject): readonly string[] =>
  Object.keys(organizationDefaults).filter((field) => !Object.hasOwn(person, field))

/** Whether `viewer` may know that the person exists: where not, {@link reveal} gives nothing. */
export const revealExistence = (
  person: Pick<Person, 'id' | 'organizationId' | 'audiences'>,
  organizationAudiences: Audiences,
  viewer: Viewer,
  ties: Ties,
): boolean =>
  sightOf(
    audiencesTowards(person.audiences, ties.unwelcome),
    organizationAudiences,
    relationsOf(viewer, person, ties),
  )('existence')

/** Whether `viewer` may know that the person exists, and their name: all that a mention by somebody else may tell. */
export function revealMention(
  person: Pick<Person, 'id' | 'organizationId' | 'audiences' | 'displayName' | 'userName'>,
  organizationAudiences: Audiences,
  viewer: Viewer,
  ties: Ties,
): { id: PersonId; displayName?: string; userName?: string } | undefined {
  const sees = sightOf(person.audiences, organizationAudiences, relationsOf(viewer, person, ties))
  if (!sees('existence')) return undefined
  return {
    id: person.id,
    ...(sees(personRules.displayName) && { displayName: person.displayName }),
    ...(sees(personRules.userName) && { userName: person.userName }),
  }
}

/** Whether `viewer` may know in which groups the person is. */
export function seesMembership(
  person: Pick<Person, 'id' | 'organizationId' | 'audiences'>,
  organizationAudiences: Audiences,
  viewer: Viewer,
  ties: Ties,
): boolean {
  const sees = sightOf(person.audiences, organizationAudiences, relationsOf(viewer, person, ties))
  return sees('existence') && sees(knownRules.groups)
}

/** Whether an answer about this person can depend on a connection with the viewer: only then is it worth looking up. */
export const asksForConnection = (own: Audiences, organization: Audiences): boolean =>
  Object.values(own).includes('connections') || Object.values(organization).includes('connections')

type Sight = (rule: Rule) => boolean

function sightOf(own: Audiences, organization: Audiences, relations: Relations): Sight {
  const near = relations.self || relations.administrator
  return (rule) => {
    if (rule === 'internal') return false
    if (rule === 'administrators') return relations.administrator
    if (near) return true
    if (rule === 'own') return false
    return belongs[audienceOf(rule, own, organization)](relations)
  }
}

const belongs: Record<Audience, (relations: Relations) => boolean> = {
  everyone: () => true,
  organization: (relations) => relations.colleague,
  event: (relations) => relations.coAttendee,
  connections: (relations) => relations.connected,
  nobody: () => false,
}

function updatedFor(person: Person, relations: Relations, sees: Sight): string {
  if (relations.self || relations.administrator) return person.updatedAt
  let latest = person.createdAt
  for (const group of fieldGroups) {
    const touched = person.touched[group]
    if (touched !== undefined && touched > latest && sees(group)) latest = touched
  }
  return latest
}

function revealExtensions(
  bags: Person['extensions'],
  rules: Readonly<Record<string, ExtensionRules>>,
  sees: Sight,
): VisiblePerson['extensions'] {
  const visible: Record<string, Record<string, unknown>> = {}
  for (const [dialect, bag] of Object.entries(bags)) {
    const known = rules[dialect] ?? {}
    // A field that no rule names is shown to nobody.
    const fields = Object.entries(bag).filter(([field]) => sees(known[field] ?? 'internal'))
    if (fields.length > 0) visible[dialect] = Object.fromEntries(fields)
  }
  return visible
}

/** The fields under each rule that any viewer at all can meet, so that each rule is asked once. */
function fieldsByRule<Field extends string>(rules: Readonly<Record<Field, Rule>>) {
  const fields = Object.keys(rules) as Field[]
  const shown = new Set(fields.map((field) => rules[field]).filter((rule) => rule !== 'internal'))
  return [...shown].map((rule) => [rule, fields.filter((field) => rules[field] === rule)] as const)
}
const personFields = fieldsByRule<keyof Person>(personRules)
const shownRules = personFields.map(([rule]) => rule)
/** Where the rule of a field is among those. */
const placeOf: ReadonlyMap<string, number> = new Map(
  personFields.flatMap(([, fields], place) => fields.map((field) => [field, place] as const)),
)
const knownFields = fieldsByRule<keyof Known>(knownRules)

/**
 * The group whose last change a change of `field` counts as; undefined for fields outside the groups, and for
 * the manager: it would tell of one whom the viewer may not know of.
 */
export function groupOf(field: keyof Person): FieldGroup | undefined {
  const rule = field === 'managerId' ? 'internal' : personRules[field]
  return rule === 'own' || rule === 'administrators' || rule === 'internal' ? undefined : rule
}
