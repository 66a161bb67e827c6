// The words of our vCards, for those who write them and those who read them.

/** What stands in the PRODID of our own cards. */
export const producer = '-//Kith//kithd//EN'

/** Before the name of a column, for what the standard has no word for. */
export const ownPrefix = 'X-KITH-'

/** By the letter of a GENDER. */
export const sexes: Readonly<Record<string, string>> = {
  M: 'male',
  F: 'female',
  O: 'other',
  N: 'none',
  U: 'unknown',
}

/** They say how it is written or reached, not what it is for. */
const idle = ['pref', 'internet', 'voice', 'x400', 'postal', 'parcel', 'intl', 'dom', 'msg', 'text']

/** The type that these words make together; a mobile number is one wherever it is used. */
export function typeFrom(words: readonly string[]): string | undefined {
  const all = words.map((word) => word.toLowerCase()).filter((word) => !idle.includes(word))
  if (all.includes('cell') || all.includes('iphone')) return 'mobile'
  return all.length > 0 ? [...new Set(all)].sort().reverse().join(' ') : undefined
}
