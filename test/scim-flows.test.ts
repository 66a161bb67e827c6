// What Okta and Entra ID are documented to send, replayed as it stands against a whole server.
import { spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { scim } from '../src/dialects/scim/index.ts'
import type { Store } from '../src/directory/ports.ts'
import { memoryStore } from '../src/store/memory.ts'
import { sqliteStore } from '../src/store/sqlite.ts'
import * as cast from './cast.ts'
import { testSecret, type World, world } from './world.ts'

const cases = '../shared/conformance'
const runner = '../shared/runners/okta-runscope.mjs'
const present = existsSync(cases)
const where = present ? '' : ' (skipped: ../shared is not there)'

interface Flow {
  readonly description: string
  readonly steps: readonly Step[]
}

interface Step {
  readonly method: string
  readonly path: string
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: unknown
  readonly expectStatus: number
  readonly expectBody?: Record<string, unknown>
  readonly expectAbsent?: readonly string[]
  readonly expectMembers?: readonly string[]
  readonly expectType?: Readonly<Record<string, string>>
  readonly save?: string
}

const flowsIn = (file: string): readonly Flow[] =>
  present ? JSON.parse(readFileSync(`${cases}/${file}`, 'utf8')).tests : []

const stores = {
  memory: async () => memoryStore(testSecret),
  SQLite: async () => {
    const folder = mkdtempSync(join(tmpdir(), 'kith-scim-'))
    const store = await sqliteStore(join(folder, 'kith.db'), () => cast.testNow)
    onTestFinished(async () => {
      await store.close()
      rmSync(folder, { recursive: true })
    })
    return store
  },
} satisfies Record<string, () => Promise<Store>>

describe.each(Object.entries(stores))('on %s', (_, makeStore) => {
  describe.skipIf(!present).each([
    ['Okta', 'okta-documented-flows.json', 3],
    ['Entra ID', 'entra-documented-flows.json', 14],
  ] as const)(`what %s is documented to send${where}`, (_vendor, file, count) => {
    const flows = flowsIn(file)

    it('is all there', () => {
      expect(flows).toHaveLength(count)
    })

    it.each(flows.map((flow) => [flow.description, flow] as const))('%s', async (_name, flow) => {
      await replay(flow, await world({ store: await makeStore() }))
    })
  })

  it.skipIf(!present)(
    `passes the SCIM 2.0 spec test of Okta${where}`,
    async () => {
      const own = await world({ store: await makeStore() })
      await nameEverybody(own)
      const { app, keys } = own
      await app.listen({ host: '127.0.0.1', port: 0 })
      onTestFinished(() => app.close())
      const { port } = app.server.address() as AddressInfo
      const base = `http://127.0.0.1:${port}/scim/v2`
      const file = `${cases}/okta-scim2-spec-test.runscope.json`
      const { code, said } = await run(runner, file, base, keys.admin.secret)
      expect(said).toContain('12 passed, 0 failed')
      expect(code).toBe(0)
    },
    30_000,
  )
})

interface Match {
  readonly filter: string
  readonly resource: Readonly<Record<string, unknown>>
  readonly options?: { readonly caseExact?: boolean }
  readonly match: boolean
}

const matches: readonly Match[] = present
  ? JSON.parse(readFileSync(`${cases}/scim-filter.cases.json`, 'utf8')).match
  : []

/** Recorded of a library that knows no schema, and answered otherwise by one that does. */
function settledBy({ filter, options }: Match): string | undefined {
  if (filter.includes('score')) return 'RFC 7644 §3.4.2.2: there is no such attribute'
  if (options?.caseExact) return 'RFC 7643 §4.1.1: userName is without case'
  return undefined
}

describe.skipIf(!present)(`the recorded matches of filters, through SQL${where}`, () => {
  it('are all here', () => {
    expect(matches).toHaveLength(35)
    expect(matches.filter(settledBy)).toHaveLength(5)
  })

  it('find whom they found', async () => {
    const { ask } = await world({ store: await stores.SQLite() })
    for (const one of matches) {
      const user = { userName: `u${crypto.randomUUID()}`, ...one.resource, schemas: [userUrn] }
      const made = await ask(scim, '/scim/v2/Users', posted(user))
      expect(made.status, made.text).toBe(201)
      // The id is given out here: the recorded one stands for it where it was meant to match.
      const own = one.match ? one.filter.replace('id_1', made.body.id) : one.filter
      // Nobody else counts.
      const filter = `(${own}) and id eq "${made.body.id}"`
      const query = new URLSearchParams({ filter })
      const found = await ask(scim, `/scim/v2/Users?${query}`, { as: 'admin' })
      if (one.filter.includes('score')) {
        expect([found.status, found.body.scimType]).toEqual([400, 'invalidFilter'])
      } else {
        const wanted = settledBy(one) ? 1 : Number(one.match)
        expect([filter, found.body.totalResults]).toEqual([filter, wanted])
      }
      await ask(scim, `/scim/v2/Users/${made.body.id}`, { as: 'admin', method: 'DELETE' })
    }
  })
})

const userUrn = 'urn:ietf:params:scim:schemas:core:2.0:User'

const posted = (body: object) => ({
  ...{ as: 'admin' as const, method: 'POST', headers: { 'content-type': 'application/json' } },
  body: JSON.stringify(body),
})

/** It looks at whoever comes first, and wants them to have all that Okta's own users have. */
async function nameEverybody({ ask }: World): Promise<void> {
  const { body } = await ask(scim, '/scim/v2/Users?count=200', { as: 'admin' })
  for (const { id } of body.Resources) {
    const value = {
      active: true,
      name: { givenName: 'Given', familyName: 'Family' },
      emails: [{ value: `${id}@example.com`, primary: true }],
    }
    await ask(scim, `/scim/v2/Users/${id}`, {
      ...{ as: 'admin', method: 'PATCH', headers: { 'content-type': 'application/json' } },
      body: JSON.stringify({
        schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
        Operations: [{ op: 'replace', value }],
      }),
    })
  }
}

/** The runner's exit code, and what it said. */
function run(...args: readonly string[]): Promise<{ code: number | null; said: string }> {
  const { promise, resolve } = Promise.withResolvers<{ code: number | null; said: string }>()
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stdout.on('data', (text) => {
    said += text
  })
  child.stderr.on('data', (text) => {
    said += text
  })
  child.once('close', (code) => resolve({ code, said }))
  return promise
}

async function replay({ steps }: Flow, { ask }: World): Promise<void> {
  const saved = new Map<string, string>()
  const filled = (text: string) =>
    text.replace(/\{\{(\w+)\}\}/g, (_, name) => saved.get(name) ?? '')
  for (const step of steps) {
    const answer = await ask(scim, `/scim/v2${filled(step.path)}`, {
      as: 'admin',
      method: step.method,
      headers: step.headers ?? {},
      ...(step.body !== undefined && { body: filled(JSON.stringify(step.body)) }),
    })
    // Okta says that either will do for a PATCH; Entra ID wants 204 for a Group.
    const patchesGroup = step.method === 'PATCH' && step.path.startsWith('/Groups')
    const told = `${step.method} ${step.path}: ${answer.text}`
    expect(answer.status, told).toBe(patchesGroup ? 204 : step.expectStatus)
    if (step.save) saved.set(step.save, answer.body.id)
    if (answer.status !== 204) expectBody(step, answer.body, filled)
  }
}

function expectBody(
  { expectBody: wanted, expectAbsent = [], expectType = {}, expectMembers }: Step,
  // biome-ignore lint/suspicious/noExplicitAny: bodies have every shape
  body: any,
  filled: (text: string) => string,
): void {
  const { schemas, ...rest } = JSON.parse(filled(JSON.stringify(wanted ?? {})))
  expect(body).toMatchObject(withoutTimes(rest))
  if (schemas) expect(body.schemas).toEqual(expect.arrayContaining(known(schemas)))
  for (const name of expectAbsent) expect(body).not.toHaveProperty(name)
  for (const [name, type] of Object.entries(expectType)) expect(typeof body[name]).toBe(type)
  if (!expectMembers) return
  const members = (body.members ?? []).map(({ value }: { value: string }) => value)
  expect(members.sort()).toEqual(expectMembers.map(filled).sort())
}

/** Schemas that nobody knows are passed over. */
const known = (schemas: readonly string[]) => schemas.filter((urn) => urn.startsWith('urn:ietf:'))

/** What is printed as an example of an instant is none of ours. */
function withoutTimes(body: Record<string, unknown>): Record<string, unknown> {
  const { meta, ...rest } = body
  if (typeof meta !== 'object' || meta === null) return rest
  const { resourceType } = meta as { resourceType?: string }
  return { ...rest, ...(resourceType && { meta: { resourceType } }) }
}
