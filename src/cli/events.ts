import { Command, Option } from 'commander'
import { createSeal } from '../access/seal.ts'
import type { Dialect, Mark } from '../dialects/dialect.ts'
import type { Store } from '../directory/ports.ts'
import {
  type Attendee,
  type Connection,
  connectionStates,
  type Event,
} from '../gatherings/gatherings.ts'
import { newNumber } from '../person/ids.ts'
import type { Person } from '../person/person.ts'
import { checkText, findOrganization } from './organizations.ts'
import { print, printJson, table, UsageError } from './output.ts'
import { type Paths, pathsOf } from './paths.ts'
import { findPerson } from './people.ts'
import { inStore } from './store.ts'
import type { Wiring } from './wiring.ts'

interface OrgFlag {
  readonly org?: string
}

const peopleOrg = [
  '--org <name-or-id>',
  'the organization of the people who are given by user name, where there are several',
] as const

export const eventCommand = (wiring: Wiring): Command =>
  new Command('event')
    .description('events: create, attend')
    .addCommand(
      inStore(wiring, new Command('create'), async (store, { args, flags, json }) => {
        const [url = '', name = ''] = args
        if (!/^[a-z0-9-]{1,255}$/.test(url)) {
          throw new UsageError(
            `"${url}" can not be in addresses; take lower-case letters, digits and hyphens`,
          )
        }
        checkText('The name of an event', name)
        const { id: organizationId } = await findOrganization(store, (flags as OrgFlag).org)
        if (await store.gatherings.eventByUrl(url)) {
          throw new UsageError(`There is already an event "${url}"`)
        }
        const event: Event = { number: newNumber(), organizationId, url, name }
        await store.commit([{ kind: 'event', event }], 'cli', instant(wiring))
        if (json) printJson(event)
        else print(`Created event "${name}", ${url}, number ${event.number}`)
      })
        .description('create an event')
        .argument('<url>', 'its name in addresses: lower-case letters, digits, hyphens')
        .argument('<name>')
        .option('--org <name-or-id>', 'the organization that holds it, where there are several'),
    )
    .addCommand(
      inStore(wiring, new Command('attend'), async (store, { args, flags, json }) => {
        const [url = '', ...userNames] = args
        const event = await store.gatherings.eventByUrl(url)
        if (!event) {
          throw new UsageError(`There is no event "${url}"; kithd event create URL NAME makes one`)
        }
        const people = await livingPeople(store, userNames, flags as OrgFlag)
        const present = await Promise.all(people.map((one) => attendance(store, event, one)))
        const writes = present.flatMap(({ attendee, isNew }) =>
          isNew ? [{ kind: 'attendee' as const, attendee }] : [],
        )
        if (writes.length > 0) await store.commit(writes, 'cli', instant(wiring))

        const { mark } = createSeal(await store.secret())
        const rows = present.map(({ person, attendee }) => ({
          userName: person.userName,
          personId: person.id,
          attendee: attendee.number,
          paths: pathsIn(event, person, wiring.dialects, mark),
        }))
        if (json) return printJson(rows)
        print(
          table(
            ['USER NAME', 'ATTENDEE', 'PATH'],
            rows.map(({ userName, attendee, paths }) => [
              userName,
              String(attendee),
              Object.values(paths).join(' '),
            ]),
          ),
        )
      })
        .description('let people attend an event; who does already goes on to')
        .argument('<url>')
        .argument('<people...>', 'user names or ids')
        .option(...peopleOrg),
    )

export const connectCommand = (wiring: Wiring): Command =>
  inStore(wiring, new Command('connect'), async (store, { args, flags, json }) => {
    const { state } = flags as unknown as Pick<Connection, 'state'>
    const [requester, addressee] = await livingPeople(store, args, flags as OrgFlag)
    if (!requester || !addressee) throw new UsageError('Nobody is connected with themselves')
    const connection: Connection = {
      requesterId: requester.id,
      addresseeId: addressee.id,
      state,
      ...(state === 'rejected' && { rejectedById: addressee.id }),
    }
    await store.commit([{ kind: 'connection', connection }], 'cli', instant(wiring))
    if (json) printJson(connection)
    else print(`${requester.userName} asked ${addressee.userName}; the connection is ${state}.`)
  })
    .description('say what is between two people, instead of what was')
    .argument('<requester>', 'who asked: a user name or an id')
    .argument('<addressee>', 'who was asked: a user name or an id')
    .addOption(
      new Option('--state <state>', 'how it stands').choices(connectionStates).default('accepted'),
    )
    .option(...peopleOrg)

const instant = (wiring: Wiring): string => new Date(wiring.now()).toISOString()

/** Each of them once. @throws UsageError when somebody is not there or deleted */
async function livingPeople(
  store: Store,
  names: readonly string[],
  flags: OrgFlag,
): Promise<readonly Person[]> {
  const held = await Promise.all(names.map((name) => findPerson(store, name, flags)))
  const people = [...new Map(held.map(({ person }) => [person.id, person])).values()]
  const gone = people.find(({ lifecycle }) => lifecycle === 'deleted')
  if (gone) throw new UsageError(`"${gone.userName}" is deleted`)
  return people
}

async function attendance(
  store: Store,
  event: Event,
  person: Person,
): Promise<{ person: Person; attendee: Attendee; isNew: boolean }> {
  const known = await store.gatherings.attendeeByPerson(event.number, person.id)
  const attendee = known ?? {
    number: newNumber(),
    eventNumber: event.number,
    personId: person.id,
  }
  return { person, attendee, isNew: known === undefined }
}

/** The paths that lead to a person by way of the event. */
function pathsIn(event: Event, person: Person, dialects: readonly Dialect[], mark: Mark): Paths {
  const without = pathsOf(person, dialects, mark)
  const all = pathsOf({ ...person, eventUrl: event.url }, dialects, mark)
  return Object.fromEntries(Object.entries(all).filter(([name, path]) => without[name] !== path))
}
