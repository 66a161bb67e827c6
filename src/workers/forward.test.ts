import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import * as cast from '../../test/cast.ts'
import { keeps } from '../../test/keeps.ts'
import type { Store, Write } from '../directory/ports.ts'
import { Failure } from '../failure.ts'
import { memoryStore } from '../store/memory.ts'
import { sqliteStore } from '../store/sqlite.ts'
import { answerTo, writerOf } from './answer.ts'
import { type Line, workerStore, writerOver } from './forward.ts'
import type { Answer, Ask, Writer } from './messages.ts'

const folder = mkdtempSync(join(tmpdir(), 'kith-workers-'))
afterAll(() => rmSync(folder, { recursive: true }))

const now = () => cast.testNow
const at = new Date(cast.testNow).toISOString()
const home: Write = { kind: 'organization', organization: cast.organizations.home }
const ada: Write = { kind: 'person', person: cast.ada }

/** A line that clones what goes over it, as that between processes does; `work` is what the other end does with it. */
function lineTo(work: (ask: Ask) => Promise<Answer | undefined>) {
  let hear: (answer: Answer) => void = () => {}
  let goes: () => void = () => {}
  const line: Line = {
    send: async (ask) => {
      const answer = await work(structuredClone(ask))
      if (answer) hear(structuredClone(answer))
    },
    onAnswer: (heed) => {
      hear = heed
    },
    onGone: (heed) => {
      goes = heed
    },
  }
  return { line, cut: () => goes() }
}

/** The writer as a worker has it, and what the writer's end logs. */
function reached(writer: Writer) {
  const logged: { err: unknown }[] = []
  const log = { error: (fields: { err: unknown }) => void logged.push(fields) }
  const { line } = lineTo((ask) => answerTo(ask, writer, now, log as never))
  return { writer: writerOver(line, now), logged }
}

const failing = (error: unknown): Writer =>
  writerOf({ ...memoryStore(), commit: () => Promise.reject(error) })

keeps('a worker', async () => {
  const path = join(mkdtempSync(join(folder, 'db-')), 'kith.db')
  const main = await sqliteStore(path, now)
  const local = await sqliteStore(path, now)
  const store = workerStore(local, reached(writerOf(main)).writer)
  return { ...store, close: () => Promise.all([store.close(), main.close()]).then(() => {}) }
})

describe('the store of a worker', () => {
  it('reads its own, and has the writer write', async () => {
    const [main, local] = [memoryStore(), memoryStore()]
    const store = workerStore(local, reached(writerOf(main)).writer)
    await store.commit([home, ada], 'test', at)
    await store.signal(new Map([[cast.ada.id, { lastActivityAt: at }]]))
    const written = await main.people.byId(cast.ada.id, { presence: true })
    expect(written?.signals).toEqual({ lastActivityAt: at })
    expect(await store.people.byId(cast.ada.id)).toBeUndefined()
    expect(await store.secret()).toBe(await main.secret())
  })

  it('takes notice of what was written before it says that it was', async () => {
    const told: string[] = []
    const local = memoryStore()
    const watch: Store['watch'] = { ...local.watch, look: () => void told.push('noticed') }
    const store = workerStore({ ...local, watch }, reached(writerOf(memoryStore())).writer)
    await store.commit([home], 'test', at)
    await store.signal(new Map())
    await store.beat(new Map())
    await store.keys.used(new Map())
    told.push('said')
    expect(told).toEqual(['noticed', 'noticed', 'noticed', 'noticed', 'said'])
  })

  it('fails with the code and the words of the writer', async () => {
    const { writer, logged } = reached(failing(new Failure('conflict', 'Somebody was first')))
    const store = workerStore(memoryStore(), writer)
    const error = await store.commit([home], 'test', at).catch((one: unknown) => one)
    expect(error).toBeInstanceOf(Failure)
    expect(error).toMatchObject({ code: 'conflict', message: 'Somebody was first' })
    expect(logged).toEqual([])
  })

  it('fails with the reason of the writer, too', async () => {
    const taken = new Failure('conflict', 'Somebody was first', { reason: 'slot_taken' })
    const store = workerStore(memoryStore(), reached(failing(taken)).writer)
    await expect(store.commit([home], 'test', at)).rejects.toMatchObject({ reason: 'slot_taken' })
  })

  it('hides what nobody expected, which the writer logs', async () => {
    const { writer, logged } = reached(failing(new TypeError('It quotes a record')))
    await expect(writer.commit([home], 'test', at)).rejects.toMatchObject({
      name: 'Failure',
      code: 'internal',
      message: 'Internal error',
    })
    expect(logged).toMatchObject([{ err: { message: 'It quotes a record' } }])
  })

  it('has the writer log why it can not write', async () => {
    const { writer, logged } = reached(failing(new Failure('unavailable', 'The disk is full')))
    await expect(writer.commit([home], 'test', at)).rejects.toThrow('The disk is full')
    expect(logged).toMatchObject([{ err: { message: 'The disk is full' } }])
  })

  it('is ready when both it and the writer are', async () => {
    const fails = async () => {
      throw new Failure('unavailable', 'no')
    }
    const stores = [memoryStore(), { ...memoryStore(), ready: fails }] as const
    const readiness = stores.flatMap((local) =>
      stores.map((main) => workerStore(local, reached(writerOf(main)).writer).ready()),
    )
    const outcomes = await Promise.allSettled(readiness)
    expect(outcomes.map(({ status }) => status)).toEqual([
      'fulfilled',
      'rejected',
      'rejected',
      'rejected',
    ])
  })
})

describe('a writer who does not answer', () => {
  const tooLong = 60_000
  const unavailable = { name: 'Failure', code: 'unavailable' }

  it('is not waited for without end', async () => {
    const writer = writerOver(lineTo(async () => undefined).line, now, 20)
    await expect(writer.commit([home], 'test', at)).rejects.toMatchObject(unavailable)
    await expect(writer.ready()).rejects.toMatchObject(unavailable)
  })

  it('is not waited for once the line is gone', async () => {
    const { line, cut } = lineTo(async () => undefined)
    const written = writerOver(line, now, tooLong).commit([home], 'test', at)
    cut()
    await expect(written).rejects.toMatchObject(unavailable)
  })

  it('is not waited for when nothing can be sent', async () => {
    const { line } = lineTo(async () => undefined)
    const closed: Line = { ...line, send: (_, done) => setImmediate(done, new Error('closed')) }
    await expect(writerOver(closed, now, tooLong).secret()).rejects.toMatchObject(unavailable)
  })

  it('may answer too late, in whatever order', async () => {
    const held: { ask: Ask; answer: (answer: Answer) => void }[] = []
    const { line } = lineTo((ask) => new Promise((answer) => held.push({ ask, answer })))
    const writer = writerOver(line, now, 50)
    await expect(writer.secret()).rejects.toMatchObject(unavailable)
    const [one, other] = [writer.secret(), writer.secret()]
    for (const [index, { ask, answer }] of held.toReversed().entries()) {
      answer({ kind: 'answer', id: ask.id, value: `answer ${index}` })
    }
    expect(await Promise.all([one, other])).toEqual(['answer 1', 'answer 0'])
  })

  it('does not begin what the worker has given up by then', async () => {
    const main = memoryStore()
    const ask = { kind: 'ask', id: 7, at: now(), verb: 'commit', parameters: [[home], 'x', at] }
    const begun = (late: number) =>
      answerTo(ask as Ask, writerOf(main), () => now() + late, { error: () => {} } as never)
    expect(await begun(5_001)).toMatchObject({ id: 7, failure: { code: 'unavailable' } })
    expect(await main.organizations.all()).toEqual([])
    expect(await begun(5_000)).toEqual({ kind: 'answer', id: 7, value: undefined })
    expect(await main.organizations.all()).toHaveLength(1)
  })
})
