import { randomUUID } from 'node:crypto'
import { Agent, request } from 'node:http'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, onTestFinished } from 'vitest'
import { issueKey } from '../src/access/key.ts'
import { encodePersonId } from '../src/dialects/webex/ids.ts'
import type { Organization, Store, Write } from '../src/directory/ports.ts'
import { newPerson } from '../src/person/draft.ts'
import { newOrganizationId, type PersonId } from '../src/person/ids.ts'
import { postgresStore } from '../src/store/postgres.ts'
import { History } from './history.ts'

// Requests to several nodes at once, of which everything is remembered: who is shown, which keys open, what was written.

const people = 12
const keys = 500

/** What the traffic is about. */
export interface Ground {
  readonly url: string
  /** Of an owner's key, and of a colleague's. */
  readonly owner: string
  readonly reader: string
  readonly people: readonly { readonly id: PersonId; readonly address: string }[]
  /** Each is ended once at the most. */
  readonly keys: readonly { readonly id: string; readonly secret: string }[]
}

/** Fills a new database. */
export async function furnish(url: string): Promise<Ground> {
  const store = await postgresStore(url, Date.now)
  const at = new Date().toISOString()
  const organization: Organization = {
    ...{ id: newOrganizationId(), name: 'Acme', timeZone: 'UTC', audiences: {}, manages: [] },
  }
  const organizationId = organization.id
  const everybody = Array.from({ length: people }, (_, index) => {
    const value = `zz-${index}-user@example.com`
    const email = { id: randomUUID(), value, normalized: value, primary: true, verified: true }
    const emails = [{ ...email, createdAt: at, updatedAt: at }]
    return newPerson({ organizationId, userName: `zz-${index}-user`, emails }, at)
  })
  const keyOf = (service: string, role: 'owner' | 'member') =>
    issueKey({ organizationId, service, role, createdAt: at })
  const [owner, reader] = [keyOf('owner', 'owner'), keyOf('reader', 'member')]
  const ending = Array.from({ length: keys }, (_, index) => keyOf(`key ${index}`, 'member'))
  const writes: Write[] = [
    { kind: 'organization', organization },
    ...everybody.map((person) => ({ kind: 'person', person }) as const),
    ...[owner, reader, ...ending].map(({ key }) => ({ kind: 'key', key }) as const),
  ]
  await store.commit(writes, 'test', at)
  await store.close()
  return {
    url,
    ...{ owner: owner.secret, reader: reader.secret },
    people: everybody.map(({ id, emails }) => ({ id, address: emails[0]?.value ?? '' })),
    keys: ending.map(({ key, secret }) => ({ id: key.id, secret })),
  }
}

/** How requests went, in numbers; times are in milliseconds. */
export interface Counts {
  reads: number
  /** Writes that were sent and have an answer, … */
  sent: number
  /** … that were said to be done, … */
  acknowledged: number
  /** … and that were said to be failed, or not. */
  failed: number
  /** Reads that were answered 503. */
  refused: number
  /** Answers that nothing explains: neither what was asked for nor a 503 that says when to come again. */
  wrong: number
  /** Of everything that was asked for, the one that took the longest. */
  longest: number
}

export interface Traffic {
  readonly counts: Counts
  readonly history: History
  /** Resolves when so many more writes were acknowledged, on every node. */
  flows(more?: number): Promise<void>
  /** Resolves when everything has its answer. */
  ended(): Promise<void>
  /** What was acknowledged and is not in the database. */
  lost(store: Store): Promise<readonly string[]>
}

export interface TrafficOptions {
  /** Milliseconds between two changes of who is shown or of which keys open. */
  readonly pace?: number
}

/** Asks `nodes`, by their URLs, until it is told to end: on each two who read, and one who adds people. */
export function trafficTo(
  nodes: readonly string[],
  ground: Ground,
  { pace = 20 }: TrafficOptions = {},
): Traffic {
  const agent = new Agent({ keepAlive: true })
  const history = new History()
  const counts: Counts = {
    ...{ reads: 0, sent: 0, acknowledged: 0, failed: 0, refused: 0, wrong: 0, longest: 0 },
  }
  const added: string[] = []
  const written = nodes.map(() => 0)
  const unused = [...ground.keys]
  /** Keys that are tried: those that open, and the latest that were ended. */
  const open = unused.splice(-4)
  const closed: typeof open = []
  const shown = new Map<string, boolean>()
  let stopped = false
  let names = 0
  for (const { id } of ground.people) {
    history.begins(id, 'shown')
    shown.set(id, true)
  }
  for (const { id } of ground.keys) history.begins(id, 'open')

  const below = (most: number) => Math.floor(Math.random() * most)
  const oneOf = <One>(all: readonly One[]): One => all[below(all.length)] as One

  async function ask(node: number, path: string, question: Question) {
    const began = performance.now()
    const { status, text, retryAfter } = await exchange(agent, nodes[node] + path, question)
    const ended = performance.now()
    counts.longest = Math.max(counts.longest, ended - began)
    const isRefused = status === 503 && retryAfter
    return { status, text, began, ended, isRefused }
  }

  async function readPerson(node: number): Promise<void> {
    const { id, address } = oneOf(ground.people)
    const path = oneOf([`/api/v1/people/${id}`, `/webexapis/v1/people/${encodePersonId(id)}`])
    const { status, text, began, ended, isRefused } = await ask(node, path, { key: ground.reader })
    counts.reads += 1
    if (isRefused) counts.refused += 1
    else if (status !== 200) counts.wrong += 1
    else {
      const seen = text.includes(address) ? 'shown' : 'hidden'
      history.answers.push({ subject: id, node, began, ended, seen })
    }
    if (isRefused) await pause(20)
  }

  async function readByKey(node: number): Promise<void> {
    const { id, secret } = oneOf([...open, ...closed])
    const path = `/api/v1/people/${ground.people[0]?.id}`
    const { status, began, ended, isRefused } = await ask(node, path, { key: secret })
    counts.reads += 1
    if (isRefused) counts.refused += 1
    else if (status !== 200 && status !== 401) counts.wrong += 1
    else {
      const seen = status === 200 ? 'open' : 'ended'
      history.answers.push({ subject: id, node, began, ended, seen })
    }
    if (isRefused) await pause(20)
  }

  /** A write, which is done, or not, or nobody knows. */
  async function write(node: number, path: string, question: Question): Promise<boolean> {
    const { status, isRefused } = await ask(node, path, { ...question, key: ground.owner })
    counts.sent += 1
    if (status >= 200 && status < 300) {
      counts.acknowledged += 1
      written[node] = (written[node] ?? 0) + 1
      return true
    }
    counts.failed += 1
    if (!isRefused) counts.wrong += 1
    await pause(20)
    return false
  }

  async function add(node: number): Promise<void> {
    names += 1
    const userName = `zz-new-${names}-user`
    const path = '/api/v1/people'
    if (await write(node, path, { method: 'POST', body: { userName } })) added.push(userName)
  }

  async function change(subject: string, seen: string, node: number, ...of: [string, Question]) {
    const state: { seen: string; node: number; began: number; acknowledged?: number } = {
      ...{ seen, node, began: performance.now() },
    }
    history.changes(subject, state)
    if (await write(node, ...of)) state.acknowledged = performance.now()
    return state.acknowledged !== undefined
  }

  async function decide(node: number): Promise<void> {
    const { id } = oneOf(ground.people)
    const to = !shown.get(id)
    const body = { own: { contact: to ? 'organization' : 'nobody' } }
    const path = `/api/v1/people/${id}/privacy`
    const done = await change(id, to ? 'shown' : 'hidden', node, path, { method: 'PATCH', body })
    // Else it is asked for once more, whether it is so already or not.
    if (done) shown.set(id, to)
  }

  async function endKey(node: number): Promise<void> {
    const [key] = open
    if (!key) return
    const path = `/api/v1/keys/${key.id}`
    if (!(await change(key.id, 'ended', node, path, { method: 'DELETE' }))) return
    open.shift()
    open.push(...unused.splice(-1))
    closed.push(key)
    if (closed.length > 12) closed.shift()
  }

  async function repeat(work: () => Promise<void>, wait = 0): Promise<void> {
    while (!stopped) {
      await work()
      await pause(wait)
    }
  }

  const loops = [
    ...nodes.flatMap((_, node) => [
      repeat(() => readPerson(node), 2),
      repeat(() => readByKey(node), 2),
      repeat(() => add(node), 50),
    ]),
    repeat(() => decide(below(nodes.length)), pace),
    repeat(() => endKey(below(nodes.length)), pace * 3),
  ]

  // What fails is told by `ended`, unless something else has failed before.
  for (const loop of loops) loop.catch(() => {})
  onTestFinished(() => {
    stopped = true
    agent.destroy()
  })

  return {
    counts,
    history,
    async flows(more = 10) {
      const before = [...written]
      const began = performance.now()
      while (written.some((count, node) => count < (before[node] ?? 0) + more)) {
        if (performance.now() - began > 30_000) throw new Error('Nothing is written any more')
        await pause(20)
      }
    },
    async ended() {
      stopped = true
      await Promise.all(loops)
      agent.destroy()
    },
    async lost(store) {
      const all: string[] = []
      const [{ id } = { id: undefined }] = ground.people
      const held = id && (await store.people.byId(id))
      if (!held) return ['everybody']
      const { organizationId } = held.person
      for (const userName of added) {
        if (!(await store.people.byUserName(organizationId, userName))) all.push(userName)
      }
      for (const [subject, states] of history.states) {
        const last = states.findLastIndex(({ acknowledged }) => acknowledged !== undefined)
        const seen = await seenIn(store, subject)
        if (!states.slice(last).some((state) => state.seen === seen)) all.push(subject)
      }
      return all
    },
  }
}

/** What the database has a subject's state for. */
async function seenIn(store: Store, subject: string): Promise<string> {
  const held = await store.people.byId(subject as PersonId)
  if (held) return held.person.audiences.contact === 'nobody' ? 'hidden' : 'shown'
  const holder = await store.keys.holderById(subject)
  expect(holder).toBeDefined()
  return holder?.key.revokedAt === undefined ? 'open' : 'ended'
}

interface Question {
  readonly method?: string
  readonly key?: string
  readonly body?: unknown
}

interface Reply {
  readonly status: number
  readonly text: string
  /** It says when to come again. */
  readonly retryAfter: boolean
}

/** Milliseconds after which nobody waits any more for a node that says nothing at all. */
const patience = 60_000

function exchange(agent: Agent, url: string, { method = 'GET', key, body }: Question) {
  const { promise, resolve, reject } = Promise.withResolvers<Reply>()
  const headers = {
    ...(key && { authorization: `Bearer ${key}` }),
    ...(body !== undefined && { 'content-type': 'application/json' }),
  }
  const asking = request(url, { agent, method, headers, timeout: patience }, (reply) => {
    let text = ''
    reply.setEncoding('utf8')
    reply.on('data', (data) => {
      text += data
    })
    reply.on('error', reject)
    reply.on('end', () => {
      const retryAfter = reply.headers['retry-after'] !== undefined
      resolve({ status: reply.statusCode ?? 0, text, retryAfter })
    })
  })
  asking.on('timeout', () => asking.destroy(new Error('A node does not answer')))
  asking.on('error', reject)
  asking.end(body === undefined ? undefined : JSON.stringify(body))
  return promise
}
