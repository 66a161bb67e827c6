import { once } from 'node:events'
import { connect, createServer, type Socket } from 'node:net'
import { onTestFinished } from 'vitest'

/** What joins a node to PostgreSQL. It goes with the test. */
export interface Wire {
  readonly port: number
  /** How many statements were answered through it. */
  readonly answered: number
  /** Nothing comes through from now on, and neither end is told. */
  cut(): void
  /** What was lost on the way stays lost, and lines that were there are gone. */
  mend(): void
  /** No notification comes through from now on, and all else does. */
  deafen(): void
}

/** To the server that listens on `port`, which has to speak without TLS. */
export async function wire(port: number): Promise<Wire> {
  const ends: (readonly [Socket, Socket])[] = []
  let isCut = false
  let isDeaf = false
  let answered = 0
  const server = createServer((near) => {
    const far = connect(port, '127.0.0.1')
    const heard = messages()
    for (const socket of [near, far]) socket.setNoDelay(true).on('error', () => {})
    near.on('data', (data) => isCut || far.write(data))
    far.on('data', (data: Buffer) => {
      const through = heard(data).filter(({ kind }) => !isDeaf || kind !== notification)
      answered += through.filter(({ kind }) => kind === complete).length
      if (!isCut) near.write(Buffer.concat(through.map(({ bytes }) => bytes)))
    })
    near.on('close', () => far.destroy())
    far.on('close', () => isCut || near.destroy())
    ends.push([near, far])
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const address = server.address()
  onTestFinished(() => {
    for (const pair of ends) for (const socket of pair) socket.destroy()
    server.close()
  })
  return {
    port: typeof address === 'object' && address ? address.port : 0,
    get answered() {
      return answered
    },
    cut() {
      isCut = true
    },
    mend() {
      isCut = false
      for (const [near, far] of ends.splice(0)) {
        near.destroy()
        far.destroy()
      }
    },
    deafen() {
      isDeaf = true
    },
  }
}

const notification = 'A'
const complete = 'C'

/** Cuts what a server sends into its messages: a letter, and the length of the rest in four bytes. */
function messages() {
  let rest: Buffer = Buffer.alloc(0)
  return (data: Buffer) => {
    rest = Buffer.concat([rest, data])
    const all: { kind: string; bytes: Buffer }[] = []
    while (rest.length >= 5 && rest.length > rest.readUInt32BE(1)) {
      const length = 1 + rest.readUInt32BE(1)
      all.push({ kind: String.fromCharCode(rest[0] ?? 0), bytes: rest.subarray(0, length) })
      rest = rest.subarray(length)
    }
    return all
  }
}
