// vCard 4.0 (RFC 6350): what a caller may see of people, for their address book.
import Type from 'typebox'
import { propertiesOf } from '../../cards/properties.ts'
import { cardOf } from '../../cards/syntax.ts'
import type { PersonId } from '../../person/ids.ts'
import type { VisiblePerson } from '../../privacy/reveal.ts'
import { type Call, get, type Reply, type Route } from '../dialect.ts'
import { found, idFrom, myId } from './people.ts'
import { PeopleQuery } from './schema.ts'

const types = ['text/vcard']
const answers = { 200: Type.String() }
const none = { 204: null }

/** They come before the routes of people, whose ids would take any ending. */
export const cardRoutes: readonly Route[] = [
  get('/people.vcf', list, {
    ...{ summary: 'List people as vCards', query: PeopleQuery, types },
    answers: { ...answers, ...none },
  }),
  get('/me.vcf', (call) => read(call, myId(call)), {
    ...{ summary: 'Read my own record as a vCard', answers, types },
  }),
  get('/people/:id.vcf', (call) => read(call, idFrom(call.params.id)), {
    summary: 'Read a person as a vCard',
    answers,
    types,
  }),
]

const wanted = { groups: true }

const version = '4.0'

async function list(call: Call): Promise<Reply> {
  const { items, headers } = await found(call, 'cards', wanted)
  // A file of cards has one at least (RFC 6350 §3.3).
  if (items.length === 0) return { status: 204, headers }
  return reply(items.map((person) => card(call, person)).join(''), headers)
}

async function read(call: Call, id: PersonId): Promise<Reply> {
  return reply(card(call, await call.directory.find(call.viewer, { id }, wanted)))
}

const reply = (text: string, headers: Reply['headers'] = {}): Reply => ({
  ...{ status: 200, body: Buffer.from(text), headers },
})

function card({ pictureAddress }: Call, person: VisiblePerson): string {
  const { id, userName, displayName = userName ?? id, avatar: _, groups, ...rest } = person
  const url = pictureAddress(person, 'avatar', 500, 'jpeg')
  const stated = {
    ...{ ...rest, displayName },
    ...(url && { avatar: { url } }),
    ...(groups?.length && { groups: groups.map(({ name }) => name) }),
  }
  return cardOf(version, [
    `UID:urn:uuid:${id}`,
    `REV:${person.updatedAt.replace(/[-:]|\.\d+/g, '')}`,
    ...propertiesOf(stated, version),
  ])
}
