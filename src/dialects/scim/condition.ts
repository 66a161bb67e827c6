import { Failure } from '../../failure.ts'
import { names } from '../precondition.ts'
import type { Json, JsonObject } from './json.ts'

/**
 * For the moment before a write; without an `If-Match` it may always come.
 * @throws precondition_failed when the resource is another than that names (RFC 7644 §3.14)
 */
export function refuseModified(resource: JsonObject, condition: string | undefined): void {
  if (condition === undefined) return
  const { version } = resource.meta as { readonly version: Json }
  if (names(condition, String(version), opaque)) return
  throw new Failure(
    'precondition_failed',
    `The resource has changed: its version is ${version} now, not ${condition.slice(0, 200)}.`,
  )
}

/** SCIM's versions are weak, and compared as such. */
const opaque = (etag: string): string => etag.replace(/^W\//, '')
