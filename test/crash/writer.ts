// One write after another until it is killed: `node test/crash/writer.ts DATABASE ROUND`. Each acknowledged
// commit is a line of JSON on standard output, written before anything else is begun.
import { writeSync } from 'node:fs'
import { issueKey } from '../../src/access/key.ts'
import { newGroup } from '../../src/directory/group.ts'
import type { Store, Write } from '../../src/directory/ports.ts'
import { newPerson } from '../../src/person/draft.ts'
import { sqliteStore } from '../../src/store/sqlite.ts'
import type { Acknowledged } from './crash.ts'

const [database = '', round = '0'] = process.argv.slice(2)

const acknowledge = (one: Acknowledged) => writeSync(1, `${JSON.stringify(one)}\n`)
const instant = () => new Date().toISOString()

const store = await sqliteStore(database, Date.now)
for (let turn = 0; ; turn += 1) {
  if (turn % 2 === 0) await admit(store, `single-${round}-${turn}`)
  else await retitle(store)
}

/** A person, a group of their own, their membership in it and a key: four writes that belong together. */
async function admit(store: Store, name: string): Promise<void> {
  const [organization] = await store.organizations.all()
  if (!organization) throw new Error('There is no organization')
  const organizationId = organization.id
  const person = newPerson({ organizationId, userName: name }, instant())
  const group = newGroup({ organizationId, name }, instant())
  const { key } = issueKey({
    organizationId,
    personId: person.id,
    role: 'member',
    createdAt: instant(),
  })
  const writes: Write[] = [
    { kind: 'person', person },
    { kind: 'group', group },
    { kind: 'members', groupId: group.id, joining: [person.id], leaving: [] },
    { kind: 'key', key },
  ]
  await store.commit(writes, 'crash', instant())
  acknowledge({ kind: 'admitted', personId: person.id, groupId: group.id, keyId: key.id })
}

/** Gives two people the same new title. */
async function retitle(store: Store): Promise<void> {
  const [organization] = await store.organizations.all()
  const both = await Promise.all(
    ['left', 'right'].map(async (name) => {
      const held = organization && (await store.people.byUserName(organization.id, name))
      if (!held) throw new Error(`There is nobody called ${name}`)
      return held.person
    }),
  )
  const title = `Title ${(both[0]?.version ?? 0) + 1}`
  const writes = both.map((person): Write => {
    return { kind: 'person', person: { ...person, title, version: person.version + 1 } }
  })
  await store.commit(writes, 'crash', instant())
  acknowledge({ kind: 'retitled', title, version: (both[0]?.version ?? 0) + 1 })
}
