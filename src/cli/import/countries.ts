import { folded } from '../../person/text.ts'

const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' })
let codes: ReadonlyMap<string, string> | undefined

/** Every country's ISO 3166 alpha-2 code by that code and by its English name, folded. */
function codesByName(): ReadonlyMap<string, string> {
  const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
  const pairs = letters.flatMap((one) => letters.map((other) => one + other))
  return new Map(
    pairs.flatMap((pair): [string, string][] => {
      const name = names.of(pair)
      if (name === undefined) return []
      // What has had another code, such as UK, has the one of today.
      const code = new Intl.Locale(`und-${pair}`).region ?? pair
      return [
        [folded(pair), code],
        [folded(name), code],
      ]
    }),
  ).set('usa', 'US')
}

/** The alpha-2 code of a country that is written as a code or as its English name. */
export function countryCodeOf(country: string | undefined): string | undefined {
  if (country === undefined) return undefined
  codes ??= codesByName()
  return codes.get(folded(country.trim()).replace(/^the /, ''))
}
