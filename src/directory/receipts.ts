import type { Viewer } from '../privacy/viewer.ts'
import type { Receipt, Write } from './ports.ts'

/** What a caller calls a create, so that it is done once however often it is asked for. */
export type Intent = Pick<Receipt, 'idempotencyKey' | 'fingerprint'>

/** What is written beside the thing that is made; nothing where its making has no name. */
export const receiptOf = (
  { keyId }: Viewer,
  intent: Intent | undefined,
  entityId: string,
  at: string,
): Write[] => (intent ? [{ kind: 'receipt', receipt: { keyId, ...intent, entityId, at } }] : [])
