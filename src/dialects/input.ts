import type { Static, TSchema } from 'typebox'
import { Compile } from 'typebox/compile'
import type { TLocalizedValidationError } from 'typebox/error'
import { Failure } from '../failure.ts'

/**
 * Reads what a caller sent as the schema has it. What it does not name is passed over, as the vendors do.
 * The reader throws `invalid` that begins with the field: `phoneNumber.number: must be string`, or with all that are
 * missing: `participants, start: are missing`.
 */
export function input<Schema extends TSchema>(schema: Schema): (value: unknown) => Static<Schema> {
  const validator = Compile(schema)
  return (value) => {
    if (validator.Check(value)) return value as Static<Schema>
    const [error] = validator.Errors(value)
    if (error?.keyword === 'required') throw missing(error)
    const field = error?.instancePath.slice(1).replaceAll('/', '.') || 'the body'
    throw new Failure('invalid', `${field}: ${error ? wordsOf(error) : 'is not as it should be'}`)
  }
}

type TLocalizedRequiredError = Extract<TLocalizedValidationError, { readonly keyword: 'required' }>

function wordsOf({ keyword, message, params }: TLocalizedValidationError): string {
  // Where a schema is strict, what it does not name has one that nothing fits.
  if (keyword === 'boolean') return 'there is no such field here'
  if (keyword === 'enum') return `must be one of ${params.allowedValues.join(', ')}`
  return message
}

function missing({ instancePath, params }: TLocalizedRequiredError): Failure {
  const within = instancePath.slice(1).replaceAll('/', '.')
  const fields = params.requiredProperties.map((name) => (within ? `${within}.${name}` : name))
  return new Failure('invalid', `${fields.join(', ')}: ${fields.length > 1 ? 'are' : 'is'} missing`)
}
