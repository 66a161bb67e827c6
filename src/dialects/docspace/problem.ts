import { Failure } from '../../failure.ts'
import type { Method } from '../dialect.ts'

/** What was sent does not fit the model of a request: the vendor has a body of its own for this. */
export class ModelProblem extends Failure {
  /** As the caller knows it; empty for the body as a whole. */
  readonly field: string
  readonly method: Method

  constructor(method: Method, field: string, message: string) {
    super('invalid', message)
    this.field = field
    this.method = method
  }
}

/** A refusal for which the vendor has a sentence of its own. */
export class Refusal extends Failure {}
