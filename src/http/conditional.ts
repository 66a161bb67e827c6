import { hash } from 'node:crypto'

/** A strong validator of one answer to one viewer: it depends on the bytes and their type, and tells nothing else. */
export const etagOf = (bytes: Uint8Array, mediaType: string): string =>
  `"${hash('sha256', Buffer.concat([Buffer.from(`${mediaType}\n`), bytes]), 'base64url').slice(0, 27)}"`

/** Whether `If-None-Match` names this answer (RFC 9110 §13.1.2, compared weakly). */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  if (ifNoneMatch === undefined) return false
  if (ifNoneMatch === etag) return true
  if (ifNoneMatch.trim() === '*') return true
  // Whole members of the list alone: what merely holds the tag is not it.
  const opaque = strong(etag)
  return ifNoneMatch.split(',').some((member) => strong(member.trim()) === opaque)
}

const strong = (etag: string): string => (etag.startsWith('W/') ? etag.slice(2) : etag)
