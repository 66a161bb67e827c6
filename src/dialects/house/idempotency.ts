// draft-ietf-httpapi-idempotency-key-header-07: a create that is sent again is done once.
import type { Intent } from '../../directory/receipts.ts'
import type { Made } from '../../directory/steward.ts'
import { Failure } from '../../failure.ts'
import type { Call } from '../dialect.ts'

/** Bytes of a fingerprint. */
const fingerprintLength = 32

/**
 * Makes something, or tells what the same request with the same key made before; without a key it is made each time.
 * @throws invalid for a key that is none, and as {@link Steward.once}
 */
export async function once(call: Call, make: (intent?: Intent) => Promise<string>): Promise<Made> {
  const header = call.header('idempotency-key')
  if (header === undefined) return { id: await make(), again: false }
  const idempotencyKey = keyFrom(header)
  const asked = JSON.stringify([new URL(call.url).pathname, call.body])
  const fingerprint = call.mark('idempotency', asked, fingerprintLength)
  const intent = { idempotencyKey, fingerprint }
  return call.steward.once(call.viewer, intent, () => make(intent))
}

/** A structured text (RFC 9651) as the draft has it, or the same without its quotation marks, as many send it. */
function keyFrom(header: string): string {
  const text = /^"([\x20-\x21\x23-\x5b\x5d-\x7e]{1,255})"$/.exec(header.trim())?.[1]
  const bare = /^[\x21\x23-\x2b\x2d-\x5b\x5d-\x7e]{1,255}$/.exec(header.trim())?.[0]
  const key = text ?? bare
  if (key !== undefined) return key
  throw new Failure(
    'invalid',
    'Idempotency-Key: must be a text of 1 to 255 characters in quotation marks, such as "8e03978e-40d5-43dd-bc93-6894a57f9324"',
  )
}
