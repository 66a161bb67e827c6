import { randomBytes } from 'node:crypto'
import { mkdir, open, opendir, readdir, readFile, rename, rm, rmdir, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Failure } from '../failure.ts'
import type { PictureFiles } from './files.ts'

const ownerAlone = { directory: 0o700, file: 0o600 }

export const masterName = 'master.webp'

/**
 * Pictures in a folder: <two digits>/<person>/<picture>/, in which are the master and its forms. Nothing there is ever
 * changed, only made and removed, so that a plain copy of the folder is a backup of it.
 */
export function diskFiles(root: string): PictureFiles {
  const folderOf = (personId: string) => join(root, personId.slice(0, 2), plain(personId))
  const placeOf = (personId: string, id: string) => join(folderOf(personId), plain(id))

  return {
    async put(personId, id, master) {
      const place = placeOf(personId, id)
      await told(async () => {
        const made = await mkdir(place, { recursive: true, mode: ownerAlone.directory })
        await written(join(place, masterName), master)
        // The names must be on disk too: of the folders that were made as of the file.
        await settle(place)
        const end = made ? dirname(made) : place
        for (let folder = place; folder !== end; folder = dirname(folder)) {
          await settle(dirname(folder))
        }
      }).catch(refuseUnless(() => false))
    },
    master: (personId, id) => bytesAt(join(placeOf(personId, id), masterName)),
    form: (personId, id, name) => bytesAt(join(placeOf(personId, id), plain(name))),
    async putForm(personId, id, name, bytes) {
      // Where the picture is gone meanwhile, so is its folder.
      await told(() => written(join(placeOf(personId, id), plain(name)), bytes)).catch(ifMissing)
    },
    async remove(personId, id) {
      await told(() => rm(placeOf(personId, id), { recursive: true, force: true }))
      // Others may put something there at this moment.
      await rmdir(folderOf(personId)).catch(() => undefined)
    },
    async of(personId) {
      const folder = folderOf(personId)
      const ids = await readdir(folder).catch(ifMissing)
      const all = await Promise.all(
        (ids ?? []).map(async (id) => {
          const found = await stat(join(folder, id)).catch(ifMissing)
          return found ? [{ id, at: found.mtimeMs }] : []
        }),
      )
      return all.flat().sort((one, other) => one.at - other.at)
    },
    async *people() {
      for (const two of (await readdir(root).catch(ifMissing)) ?? []) {
        if (!/^[0-9a-f]{2}$/.test(two)) continue
        for await (const { name } of await opendir(join(root, two))) yield name
      }
    },
  }
}

/** Names come out of the database and of addresses, and must not lead elsewhere. */
function plain(name: string): string {
  if (/^[0-9A-Za-z][0-9A-Za-z.-]*$/.test(name) && !name.includes('..')) return name
  throw new Failure('internal', 'A picture has a name that no file can have')
}

/** As a whole or not at all. */
async function written(path: string, bytes: Uint8Array): Promise<void> {
  const draft = `${path}.${randomBytes(6).toString('hex')}.draft`
  const file = await open(draft, 'wx', ownerAlone.file)
  try {
    await file.writeFile(bytes)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(draft, path).catch(async (error: unknown) => {
    await rm(draft, { force: true })
    throw error
  })
}

async function settle(folder: string): Promise<void> {
  const handle = await open(folder, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}

const bytesAt = (path: string): Promise<Buffer | undefined> =>
  told(() => readFile(path)).catch(ifMissing)

/** @throws unavailable for a disk that is full, broken or not to be written; what is not there is thrown as it is */
const told = <Result>(work: () => Promise<Result>): Promise<Result> =>
  work().catch(refuseUnless(isMissing))

const refuseUnless =
  (isFine: (error: unknown) => boolean) =>
  (cause: unknown): never => {
    if (isFine(cause) || cause instanceof Failure) throw cause
    throw new Failure('unavailable', 'The pictures can not be read or written', { cause })
  }

function isMissing(error: unknown): boolean {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  return code === 'ENOENT' || code === 'ENOTDIR'
}

function ifMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error
}
