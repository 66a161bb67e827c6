import { createHash, randomBytes } from 'node:crypto'
import { Failure } from '../failure.ts'
import type { PictureFiles } from './files.ts'
import { largestSquare, type PictureFormat, type PictureKind, type PictureSize } from './forms.ts'
import { colourOf, silhouette } from './initials.ts'
import { createQueue } from './queue.ts'

/** Bytes that a picture may have when it comes in. */
export const largestPicture = 10 * 1_048_576

/** A picture whose bytes are kept here. Its id is the hash with something after it, so that no two are ever the same. */
export interface KeptPicture {
  readonly id: string
  /** SHA-256 of the master, in hex. */
  readonly hash: string
}

/**
 * What can be done with the bytes of pictures, whoever they belong to and whoever may see them. What takes a core is done
 * for somebody, the `askerId`, so that nobody keeps all others waiting.
 */
export interface Pictures {
  /**
   * Takes in a picture, made anew from its pixels alone. It belongs to that person, whether or not it comes to be used.
   * @throws invalid for what is no picture that is taken; too_many_requests when too many are being worked on
   */
  keep(personId: string, bytes: Uint8Array, askerId: string): Promise<KeptPicture>
  /** A person's picture once more, as another's. Undefined where there is none. */
  copy(personId: string, id: string, toPersonId: string): Promise<KeptPicture | undefined>
  /** The picture that a name was given to; undefined where the person has none of that name. */
  find(personId: string, id: string): Promise<KeptPicture | undefined>
  /**
   * The bytes of a picture in a form, made when they are first asked for. Undefined where its bytes are missing.
   * @throws too_many_requests
   */
  form(
    personId: string,
    picture: KeptPicture,
    form: Form,
    askerId: string,
  ): Promise<Buffer | undefined>
  /**
   * What stands in for a missing picture, in the colour of whoever it is about; of {@link largestSquare} pixels at most.
   * @throws too_many_requests
   */
  standIn(personId: string, form: Pick<Form, 'size' | 'format'>, askerId: string): Promise<Buffer>
  remove(personId: string, id: string): Promise<void>
  /** Removes what of a person's pictures is older than `age` milliseconds and not `used`; and of the rest all but the newest `most`. */
  tidy(
    personId: string,
    used: ReadonlySet<string>,
    keep: { readonly age: number; readonly most: number },
  ): Promise<void>
  people(): AsyncIterable<string>
}

export interface Form {
  readonly kind: PictureKind
  readonly size: PictureSize
  readonly format: PictureFormat
}

/** How much is worked on at once: two pictures, or one that has more pixels than `heavy`, which takes the memory of two. */
const room = 2
const heavy = 12_000_000

/** How many may wait: what came in waits with all its bytes, what goes out with none. */
const patience = { coming: { all: 6, ofOne: 3 }, going: { all: 400, ofOne: 100 } }

/** Stand-ins are alike for all of a colour; those that were wanted last are kept, of some kilobytes each. */
const mostStandIns = 1000

export function createPictures(files: PictureFiles, now: () => number): Pictures {
  const queue = createQueue(room, patience)
  /** Forms that are being made: who asks for one meanwhile gets the same. */
  const underWay = new Map<string, Promise<Buffer | undefined>>()
  const standIns = new Map<string, Promise<Buffer>>()

  async function made(personId: string, id: string, form: Form, name: string, askerId: string) {
    const master = await files.master(personId, id)
    if (!master) return undefined
    const { formOf } = await import('./imaging.ts')
    const square = isSquare(form)
    const bytes = await queue.run({ kind: 'going', weight: 1, askerId }, () =>
      formOf(master, form.size, square, form.format),
    )
    await files.putForm(personId, id, name, bytes)
    return bytes
  }

  /** Each wanted thing is made once, however many want it at once. */
  function once(name: string, make: () => Promise<Buffer | undefined>) {
    const known = underWay.get(name)
    if (known) return known
    const making = make().finally(() => underWay.delete(name))
    underWay.set(name, making)
    return making
  }

  async function drawn(
    personId: string,
    { size, format }: Pick<Form, 'size' | 'format'>,
    askerId: string,
  ): Promise<Buffer> {
    const { pictureOf } = await import('./imaging.ts')
    return queue.run({ kind: 'going', weight: 1, askerId }, () =>
      pictureOf(silhouette(personId, size), size, format),
    )
  }

  async function filed(personId: string, master: Buffer): Promise<KeptPicture> {
    const hash = createHash('sha256').update(master).digest('hex')
    const id = `${hash}-${randomBytes(8).toString('hex')}`
    await files.put(personId, id, master)
    return { id, hash }
  }

  return {
    async keep(personId, bytes, askerId) {
      if (bytes.length > largestPicture) {
        throw new Failure('too_large', `A picture may have ${largestPicture} bytes at most`)
      }
      const { masterOf, sketch } = await import('./imaging.ts')
      const sketched = await sketch(bytes)
      const weight = sketched.width * sketched.height > heavy ? 2 : 1
      const task = { kind: 'coming', weight, askerId } as const
      return filed(personId, await queue.run(task, () => masterOf(bytes, sketched)))
    },

    async copy(personId, id, toPersonId) {
      const master = await files.master(personId, id)
      return master && filed(toPersonId, master)
    },

    async find(personId, id) {
      const hash = /^([0-9a-f]{64})-[0-9a-f]{16}$/.exec(id)?.[1]
      if (hash === undefined) return undefined
      const all = await files.of(personId)
      return all.some((one) => one.id === id) ? { id, hash } : undefined
    },

    async form(personId, { id }, form, askerId) {
      const name = nameOf(form)
      const there = await files.form(personId, id, name)
      return (
        there ?? once(`${personId} ${id} ${name}`, () => made(personId, id, form, name, askerId))
      )
    },

    async standIn(personId, { size: wanted, format }, askerId) {
      const size = wanted > largestSquare ? largestSquare : wanted
      const name = `${colourOf(personId)} ${size}.${format}`
      const standIn = standIns.get(name) ?? drawn(personId, { size, format }, askerId)
      standIns.delete(name)
      standIns.set(name, standIn)
      const [oldest] = standIns.keys()
      if (oldest !== undefined && standIns.size > mostStandIns) standIns.delete(oldest)
      return standIn.catch((error: unknown) => {
        if (standIns.get(name) === standIn) standIns.delete(name)
        throw error
      })
    },

    remove: (personId, id) => files.remove(personId, id),

    async tidy(personId, used, { age, most }) {
      const unused = (await files.of(personId)).filter(({ id }) => !used.has(id))
      const surplus = unused.length - most
      const gone = unused.filter(({ at }, index) => index < surplus || at < now() - age)
      for (const { id } of gone) await files.remove(personId, id)
    },

    people: () => files.people(),
  }
}

const isSquare = ({ kind, size }: Form): boolean => kind === 'avatar' && size <= largestSquare

const nameOf = (form: Form): string =>
  `${isSquare(form) ? 'square' : 'whole'}-${form.size}.${form.format}`
