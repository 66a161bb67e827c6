import { constants } from 'node:fs'
import { access, link, open, rename, rm } from 'node:fs/promises'
import { UsageError } from '../output.ts'

/** Where a file goes. */
export interface Sink {
  write(text: string): Promise<void>
  /** It is whole. */
  finish(): Promise<void>
  /** It will never be. */
  giveUp(): Promise<void>
}

export function toStandardOutput(): Sink {
  const nothing = async () => {}
  return {
    async write(text) {
      // Whoever read it may have stopped reading, which ends the work.
      if (process.stdout.destroyed) throw new UsageError('Nobody reads standard output any more')
      await new Promise<void>((resolve) => process.stdout.write(text, () => resolve()))
    },
    finish: nothing,
    giveUp: nothing,
  }
}

/**
 * A file for its owner alone, which appears under its name once it is whole and on disk.
 * @throws UsageError when there is one already, unless it is forced, or it can't be written
 */
export async function toFile(file: string, { force }: { readonly force: boolean }): Promise<Sink> {
  if (!force && (await exists(file))) throw taken(file)
  const part = `${file}.${process.pid}.part`
  const handle = await open(part, 'wx', 0o600).catch((error: Error) => {
    throw new UsageError(`"${file}" can not be written: ${error.message}`)
  })
  const remove = () => rm(part, { force: true })
  const stopped = () => void remove().finally(() => process.exit(130))
  process.once('SIGINT', stopped)

  return {
    write: async (text) => void (await handle.writeFile(text)),
    async finish() {
      await handle.sync()
      await handle.close()
      if (force) await rename(part, file)
      else await place(part, file)
      process.removeListener('SIGINT', stopped)
    },
    async giveUp() {
      await handle.close().catch(() => {})
      await remove()
      process.removeListener('SIGINT', stopped)
    },
  }
}

const exists = (file: string): Promise<boolean> =>
  access(file, constants.F_OK).then(
    () => true,
    () => false,
  )

const taken = (file: string) =>
  new UsageError(`There is already a file ${file}; --force overwrites it`)

/** Under a name that nobody has taken meanwhile. */
async function place(part: string, file: string): Promise<void> {
  try {
    await link(part, file)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === 'EEXIST') throw taken(file)
    // Some file systems have no links.
    await rename(part, file)
    return
  }
  await rm(part)
}
