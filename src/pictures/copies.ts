import { cp, rename, rm, stat } from 'node:fs/promises'
import { basename } from 'node:path'
import { masterName } from './disk-files.ts'

// Pictures are named once and never changed: what is there can be copied while it is in use.

/** The folder of the pictures that belong to a backup. */
export const picturesBeside = (file: string): string => `${file}.pictures`

/**
 * Copies a folder of pictures in place of another, which stays as it is until the copy is whole. Their forms are left
 * out: they can be made again. Nothing is done where there is no such folder.
 */
export async function copyPictures(from: string, to: string): Promise<void> {
  const partial = `${to}.partial`
  await rm(partial, { recursive: true, force: true })
  if (await isFolder(from)) await cp(from, partial, { recursive: true, filter: isMaster })
  await rm(to, { recursive: true, force: true })
  if (await isFolder(partial)) await rename(partial, to)
}

/** Adds to a folder what is in a copy and not there. What is there is never touched: a server may be showing it. */
export async function restorePictures(from: string, to: string): Promise<void> {
  if (await isFolder(from)) await cp(from, to, { recursive: true, force: false, filter: isMaster })
}

const isFolder = async (path: string): Promise<boolean> =>
  (await stat(path).catch(() => undefined))?.isDirectory() ?? false

async function isMaster(path: string): Promise<boolean> {
  return basename(path) === masterName || isFolder(path)
}
