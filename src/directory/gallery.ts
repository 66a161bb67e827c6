import { Failure } from '../failure.ts'
import { Footprint } from '../footprint/footprint.ts'
import { type PersonId, personIdFrom } from '../person/ids.ts'
import type { Person } from '../person/person.ts'
import { hostedPicture, type PictureKind, pictureKinds } from '../pictures/forms.ts'
import type { Form, KeptPicture, Pictures } from '../pictures/pictures.ts'
import type { VisiblePerson } from '../privacy/reveal.ts'
import type { Viewer } from '../privacy/viewer.ts'
import type { PersonChange } from './amend.ts'
import type { Store } from './ports.ts'
import type { Registrar } from './registrar.ts'
import type { VerbParts } from './verbs.ts'

/** Which form of a picture is wanted. */
export type WantedForm = Pick<Form, 'size' | 'format'>

/** A picture as it was found. */
export type OpenedPicture =
  | { readonly at: 'here'; readonly bytes: Buffer }
  | { readonly at: 'elsewhere'; readonly url: string }
  /** There is none, or none that the viewer may see: the person, for what stands in. */
  | { readonly at: 'nowhere'; readonly person: VisiblePerson }

/** Agrees to a write of somebody, or throws what is to be said instead. */
export type Agree = (before: Person) => Promise<void> | void

/**
 * The pictures of people. Who may write a person's record may write their pictures; the bytes are safe before the record
 * names them, and removed when it names them no longer.
 * @throws forbidden and not_found as the registrar does
 */
export interface Gallery {
  /** @throws invalid for what is no picture that is taken */
  put(
    viewer: Viewer,
    id: PersonId,
    kind: PictureKind,
    bytes: Uint8Array,
    agree?: Agree,
  ): Promise<void>
  /** Nothing is to be removed where there is none. */
  remove(viewer: Viewer, id: PersonId, kind: PictureKind, agree?: Agree): Promise<void>
  /**
   * What the viewer may see. With `hash`, only if it is that of the picture that is there now.
   * @throws not_found also for a person whom the viewer may not know of
   */
  open(
    viewer: Viewer,
    id: PersonId,
    kind: PictureKind,
    form: WantedForm,
    hash?: string,
  ): Promise<OpenedPicture>
  /** What stands in where there is no picture, without a letter. */
  standIn(viewer: Viewer, person: VisiblePerson, form: WantedForm): Promise<Buffer>
  /**
   * Takes in a picture that nobody has yet. It is there for a day for whoever sent it, and only the last few of them.
   * @returns the id @throws forbidden for a service, which is nobody in person
   */
  upload(viewer: Viewer, bytes: Uint8Array): Promise<string>
  /** Changes a record together with pictures that the viewer uploaded, by id. @throws invalid for one that there is not */
  use(viewer: Viewer, id: PersonId, changeOf: (before: Person) => Promise<Placement>): Promise<void>
}

/** A change, and which uploaded pictures it hangs up where. */
export interface Placement {
  readonly change: PersonChange
  readonly uploads: readonly Upload[]
}

export interface Upload {
  readonly kind: PictureKind
  /** As {@link Gallery.upload} gave it. */
  readonly id: string
  /** What the caller calls it. */
  readonly field: string
}

/** Milliseconds that an upload is there to be used. */
const uploadLife = 86_400_000

/** How many uploads of one person are there to be used. */
const mostUploads = 20

/** Of whom only so much is worked on at once: people, however many keys they have. */
const askerOf = ({ personId, keyId }: Viewer): string => personId ?? keyId

/** Removes what of a person's pictures no record names: uploads that were not used, and what a crash left behind. */
async function tidied(
  { people }: Pick<Store, 'people'>,
  pictures: Pictures,
  personId: PersonId,
): Promise<void> {
  const held = await people.byId(personId)
  const there = held && held.person.lifecycle !== 'deleted' ? held.person : undefined
  const used = pictureKinds.flatMap((kind) => (there && hostedPicture(there, kind)?.id) ?? [])
  await pictures.tidy(personId, new Set(used), { age: uploadLife, most: mostUploads })
}

/** The same of everybody who has pictures, one after the other. */
export async function tidyPictures(
  store: Pick<Store, 'people'>,
  pictures: Pictures,
): Promise<void> {
  for await (const text of pictures.people()) {
    const id = personIdFrom(text)
    if (id) await tidied(store, pictures, id)
  }
}

const isIn = (record: Person | undefined, id: string): boolean =>
  pictureKinds.some((kind) => record && hostedPicture(record, kind)?.id === id)

/** Removes the bytes of pictures that a record named. Whatever of that fails is left for the next tidying. */
const forgetting =
  ({ pictures, complain }: Pick<VerbParts, 'pictures' | 'complain'>) =>
  async (personId: PersonId, ids: readonly string[]): Promise<void> => {
    for (const id of ids) {
      await pictures.remove(personId, id).catch((err: unknown) => {
        complain(err, 'a picture that nobody has any more could not be removed')
      })
    }
  }

/** The same registrar; when a change takes away a picture that is kept here, by whatever words, its bytes go too. */
export function withoutLeftovers(
  registrar: Registrar,
  parts: Pick<VerbParts, 'store' | 'pictures' | 'complain'>,
): Registrar {
  const forget = forgetting(parts)
  return {
    ...registrar,
    async change(viewer, id, changeOf, manner, sense) {
      let old: readonly string[] = []
      const noting = async (before: Person) => {
        const change = await changeOf(before)
        old = pictureKinds.flatMap((kind) =>
          change[kind] === undefined ? [] : (hostedPicture(before, kind)?.id ?? []),
        )
        return change
      }
      await registrar.change(viewer, id, noting, manner, sense)
      if (old.length === 0) return
      const held = await parts.store.people.byId(id)
      await forget(
        id,
        old.filter((one) => !isIn(held?.person, one)),
      )
    },
  }
}

/** `registrar` is one that leaves no bytes behind. */
export function createGallery({
  store,
  directory,
  pictures,
  complain,
  registrar,
}: VerbParts & { readonly registrar: Registrar }): Gallery {
  const footprint = () => new Footprint(store.watch.moment)

  /** Refuses before anything is worked on. */
  const mayWrite = (viewer: Viewer, id: PersonId, agree: Agree | undefined): Promise<void> =>
    registrar.change(viewer, id, async (before) => {
      await agree?.(before)
      return {}
    })

  const forget = forgetting({ pictures, complain })

  async function hang(
    viewer: Viewer,
    id: PersonId,
    changeOf: (before: Person) => Promise<PersonChange>,
    made: () => readonly KeptPicture[],
  ): Promise<void> {
    try {
      await registrar.change(viewer, id, changeOf)
    } catch (error) {
      // Whether a commit that failed midway is there is for the record to say.
      const held = await store.people.byId(id).catch(() => 'unknown' as const)
      const unused = made().filter((one) => held !== 'unknown' && !isIn(held?.person, one.id))
      await forget(
        id,
        unused.map((one) => one.id),
      )
      throw error
    }
  }

  return {
    async put(viewer, id, kind, bytes, agree) {
      await mayWrite(viewer, id, agree)
      const picture = await pictures.keep(id, bytes, askerOf(viewer))
      let same = false
      await hang(
        viewer,
        id,
        async (before) => {
          await agree?.(before)
          const there = hostedPicture(before, kind)
          same = there?.hash === picture.hash && (await pictures.find(id, there.id)) !== undefined
          return same ? {} : { [kind]: picture }
        },
        () => [picture],
      )
      if (same) await forget(id, [picture.id])
    },

    async remove(viewer, id, kind, agree) {
      await hang(
        viewer,
        id,
        async (before) => {
          await agree?.(before)
          return { [kind]: null }
        },
        () => [],
      )
    },

    async open(viewer, id, kind, { size, format }, hash) {
      const person = await directory(footprint()).find(viewer, { id })
      const picture = person[kind]
      if (picture && 'url' in picture && hash === undefined) {
        return { at: 'elsewhere', url: picture.url }
      }
      const hosted = hostedPicture(person, kind)
      if (!hosted || (hash !== undefined && hash !== hosted.hash)) return { at: 'nowhere', person }
      const bytes = await pictures.form(id, hosted, { kind, size, format }, askerOf(viewer))
      if (bytes) return { at: 'here', bytes }
      complain(new Error(`${kind} of ${id}`), 'a picture is not where the pictures are kept')
      return { at: 'nowhere', person }
    },

    standIn: (viewer, { id }, form) => pictures.standIn(id, form, askerOf(viewer)),

    async upload(viewer, bytes) {
      const { personId } = viewer
      if (!personId) throw new Failure('forbidden', 'A service uploads no pictures of its own')
      const { id } = await pictures.keep(personId, bytes, personId)
      await tidied(store, pictures, personId)
      return id
    },

    async use(viewer, id, changeOf) {
      const made: KeptPicture[] = []
      await hang(
        viewer,
        id,
        async (before) => {
          const { change, uploads } = await changeOf(before)
          const hung = await Promise.all(
            uploads.map(async ({ kind, id: uploadId, field }) => {
              const { personId } = viewer
              const upload = personId && (await pictures.find(personId, uploadId))
              // Never the very one: it may be used twice, and each use ends by itself.
              const own = upload && (await pictures.copy(personId, uploadId, id))
              if (!own) throw new Failure('invalid', `${field}: you have uploaded no such picture`)
              made.push(own)
              return [kind, own] as const
            }),
          )
          return { ...change, ...Object.fromEntries(hung) }
        },
        () => made,
      )
      const held = await store.people.byId(id)
      const spare = made.filter((one) => !isIn(held?.person, one.id))
      await forget(
        id,
        spare.map((one) => one.id),
      )
    },
  }
}
