import { connect, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { expect, it, onTestFinished } from 'vitest'
import { crowded } from '../../test/walks.ts'
import { type World, world } from '../../test/world.ts'

// What one connection, or one sender, can have held in memory.

async function listening() {
  const one = await world()
  const origin = new URL(await one.app.listen({ host: '127.0.0.1', port: 0 }))
  onTestFinished(() => one.app.close())
  return { one, port: Number(origin.port) }
}

/** A connection with all that came over it by now. */
function connection(port: number): { socket: Socket; heard: () => string } {
  const socket = connect(port, '127.0.0.1').on('error', () => {})
  onTestFinished(() => {
    socket.destroy()
  })
  const pieces: Buffer[] = []
  socket.on('data', (piece: Buffer) => pieces.push(piece))
  return { socket, heard: () => Buffer.concat(pieces).toString('latin1') }
}

const answersIn = (text: string): number => text.split('HTTP/1.1 200').length - 1

it('makes no answer before the ones that were asked for before it are read', async () => {
  const { one, port } = await listening()
  await crowded(one, 500)
  const { socket, heard } = connection(port)
  socket.pause()
  const asked = 40
  const question = [
    'GET /v1/ext/users HTTP/1.1',
    'Host: people.example',
    `Authorization: Bearer ${one.keys.admin.secret}`,
    ...['', ''],
  ].join('\r\n')
  socket.write(question.repeat(asked))
  const made = () => one.logged.filter(({ status }) => status === 200).length
  let before = -1
  while (before !== made()) {
    before = made()
    await pause(500)
  }
  expect(before).toBeGreaterThan(0)
  expect(before).toBeLessThan(asked / 2)
  socket.resume()
  while (answersIn(heard()) < asked) await pause(50)
  expect(answersIn(heard())).toBe(asked)
})

it('holds only so much of bodies that do not end, for each who sends them', async () => {
  const { one, port } = await listening()
  const begun = (as: keyof World['keys']) => {
    const { socket, heard } = connection(port)
    socket.write(
      [
        'POST /v1/people HTTP/1.1',
        'Host: people.example',
        `Authorization: Bearer ${one.keys[as].secret}`,
        'Content-Type: application/json',
        'Content-Length: 1048576',
        ...['', ''],
      ].join('\r\n'),
    )
    socket.write(Buffer.alloc(1_000_000, ' '))
    return { socket, heard }
  }
  const all = Array.from({ length: 30 }, () => begun('outsider'))
  const refused = () => all.filter(({ heard }) => heard().startsWith('HTTP/1.1 429'))
  while (refused().length < 8) await pause(20)
  await pause(200)
  expect(refused().length).toBe(8)
  expect(refused()[0]?.heard()).toContain('retry-after: 2')
  const other = begun('admin')
  other.socket.write(Buffer.alloc(48_576, ' '))
  while (other.heard() === '') await pause(20)
  expect(other.heard()).toMatch(/^HTTP\/1\.1 400/)
})

it('has connections end on which nothing moves for two minutes', async () => {
  const { one } = await listening()
  expect(one.app.server.timeout).toBe(120_000)
})
