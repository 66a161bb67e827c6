import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import { Failure } from '../failure.ts'

/**
 * Reads what a caller sent as the schema has it. What it does not name is passed over, as the vendors do.
 * The reader throws `invalid` that begins with the field: `phoneNumber.number: must be string`.
 */
export function input<Schema extends TSchema>(schema: Schema): (value: unknown) => Static<Schema> {
  const validator = Compile(schema)
  return (value) => {
    if (validator.Check(value)) return value as Static<Schema>
    const [error] = validator.Errors(value)
    const field = error?.instancePath.slice(1).replaceAll('/', '.') || 'the body'
    throw new Failure('invalid', `${field}: ${error?.message ?? 'is not as it should be'}`)
  }
}
