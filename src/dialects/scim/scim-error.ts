import { Failure } from '../../failure.ts'

/** RFC 7644 §3.12, table 9, and what RFC 9865 §4 adds for pages. */
export type ScimType =
  | 'invalidFilter'
  | 'tooMany'
  | 'uniqueness'
  | 'mutability'
  | 'invalidSyntax'
  | 'invalidPath'
  | 'noTarget'
  | 'invalidValue'
  | 'invalidVers'
  | 'sensitive'
  | 'invalidCursor'
  | 'expiredCursor'
  | 'invalidCount'

/** A refusal that the standard has a word for. Its message is the `detail` that the client reads. */
export class ScimError extends Failure {
  readonly scimType: ScimType

  constructor(scimType: ScimType, message: string, options?: ErrorOptions) {
    super('invalid', message, options)
    this.scimType = scimType
  }
}
