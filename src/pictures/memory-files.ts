import type { PictureFiles } from './files.ts'

interface Filed {
  readonly at: number
  readonly master: Buffer
  readonly forms: Map<string, Buffer>
}

/** The plainest statement of what files of pictures promise, and the tests' double. */
export function memoryFiles(now: () => number): PictureFiles {
  const people = new Map<string, Map<string, Filed>>()
  const filed = (personId: string, id: string) => people.get(personId)?.get(id)

  return {
    async put(personId, id, master) {
      const own = people.get(personId) ?? new Map<string, Filed>()
      people.set(personId, own)
      own.set(id, { at: now(), master: Buffer.from(master), forms: new Map() })
    },
    async master(personId, id) {
      return filed(personId, id)?.master
    },
    async form(personId, id, name) {
      return filed(personId, id)?.forms.get(name)
    },
    async putForm(personId, id, name, bytes) {
      filed(personId, id)?.forms.set(name, Buffer.from(bytes))
    },
    async remove(personId, id) {
      const own = people.get(personId)
      own?.delete(id)
      if (own?.size === 0) people.delete(personId)
    },
    async of(personId) {
      const own = [...(people.get(personId) ?? [])]
      return own.map(([id, { at }]) => ({ id, at })).sort((one, other) => one.at - other.at)
    },
    async *people() {
      yield* [...people.keys()]
    },
  }
}
