import type { FieldGroup, Person } from '../person/person.ts'

// What people are found by, word for word. Both engines keep these words beside the records: whoever changes which
// words there are adds a migration that fills them in anew.

/** The field groups whose words there are: a word counts for those who may see the group. */
export const wordRules = ['name', 'account', 'contact'] as const satisfies readonly FieldGroup[]
export type WordRule = (typeof wordRules)[number]

export interface Word {
  readonly word: string
  readonly rule: WordRule
}

/** The longest word there is, in code points; what is longer is cut, in a prefix as well. */
export const longestWord = 64
/** Of a person under each rule, so that what is hidden takes no room from what is seen. */
const mostWords = 64
/** How many words that begin inside of a run are told apart. */
const mostInside = 32
const mostTerms = 16

/** What of a person there are words of. */
export type Worded = Pick<
  Person,
  | 'displayName'
  | 'formattedName'
  | 'givenName'
  | 'middleName'
  | 'familyName'
  | 'nickName'
  | 'userName'
> & {
  readonly emails: readonly { readonly value: string }[]
  readonly phones: readonly { readonly value: string; readonly e164?: string }[]
}

/**
 * The words by which a person is found, each once under a rule: of the names; of the user name, whole and in parts;
 * of the e-mail addresses, whole and in parts, and of the telephone numbers. None of them has a space.
 */
export const wordsOf = (person: Worded): readonly Word[] => [
  ...under('name', nameWords(person)),
  ...under('account', accountWords(person)),
  ...under('contact', contactWords(person)),
]

/**
 * What somebody typed, as prefixes each of which has to be met: runs of letters and digits, but for whole addresses
 * and telephone numbers. None where there is nothing that could be a word; at most 16.
 */
export function termsOf(text: string): readonly string[] {
  const form = inWordForm(text).trim()
  const number = digitsOf(form)
  if (number !== undefined) return [cut(number)]
  const terms = tokensOf(form).flatMap((token) => (token.includes('@') ? token : runsOf(token)))
  return [...new Set(terms.map(cut))].slice(0, mostTerms)
}

/** The words of a display name, which everybody has who has that name, or one that differs in case alone. */
export const displayNameWords = (name: string): readonly string[] =>
  [...partsOf(inWordForm(name))].map(cut)

/** A prefix in the form in which words are kept. */
export const prefixForm = (prefix: string): string =>
  cut(inWordForm(prefix).replace(outsideStart, ''))

/** The first text that comes after all that begin with `prefix`, by code point; undefined where none does. */
export function afterAll(prefix: string): string | undefined {
  const points = [...prefix].map((sign) => sign.codePointAt(0) ?? 0)
  for (let last = points.pop(); last !== undefined; last = points.pop()) {
    // Surrogates are no code points of their own.
    const next = last === 0xd7ff ? 0xe000 : last + 1
    if (next <= 0x10ffff) return String.fromCodePoint(...points, next)
  }
  return undefined
}

// Words under each rule.

function* nameWords(person: Worded): Iterable<string> {
  const { displayName, formattedName, givenName, middleName, familyName, nickName } = person
  for (const name of [displayName, formattedName, givenName, middleName, familyName, nickName]) {
    if (name !== undefined) yield* partsOf(inWordForm(name))
  }
}

function* accountWords({ userName }: Worded): Iterable<string> {
  const form = inWordForm(userName)
  yield* tokensOf(form)
  const number = digitsOf(form)
  if (number !== undefined) yield number
  yield* partsOf(form)
}

/** By the wholes first: parts are what there may be too many of. */
function* contactWords({ emails, phones }: Worded): Iterable<string> {
  const addresses = emails.map(({ value }) => inWordForm(value))
  for (const address of addresses) yield* tokensOf(address)
  for (const { e164, value } of phones) {
    for (const written of [e164 ?? '', value]) {
      const digits = inWordForm(written).replace(/[^0-9]/g, '')
      if (digits !== '') yield digits
    }
  }
  for (const address of addresses) yield* partsOf(address)
}

function under(rule: WordRule, all: Iterable<string>): readonly Word[] {
  const words = new Set<string>()
  for (const word of all) {
    words.add(cut(word))
    if (words.size === mostWords) break
  }
  return [...words].map((word) => ({ word, rule }))
}

// Forms.

const ascii = /^[\0-\x7f]*$/

/** Without case and accents. */
function inWordForm(text: string): string {
  if (ascii.test(text)) return text.toLowerCase()
  return text
    .normalize('NFKD')
    .toLowerCase()
    .normalize('NFKD')
    .replace(accents, '')
    .replace(/[ßæœøđðþłħıς]/g, (letter) => plainLetters[letter] ?? letter)
    .normalize('NFC')
}

/** Marks that writers leave out; those of other scripts are vowels. */
const accents =
  /(?=\p{M})[\p{Script=Inherited}\p{Script=Arabic}\p{Script=Hebrew}\p{Script=Syriac}\p{Script=Greek}\p{Script=Cyrillic}]/gu

/** Letters that come apart in no normal form. */
const plainLetters: Readonly<Record<string, string>> = {
  ...{ ß: 'ss', æ: 'ae', œ: 'oe', ø: 'o', đ: 'd', ð: 'd' },
  ...{ þ: 'th', ł: 'l', ħ: 'h', ı: 'i', ς: 'σ' },
}

const outsideStart = /^[^\p{L}\p{N}]+/u
const outsideEnd = /[^\p{L}\p{M}\p{N}]+$/u
const run = /[\p{L}\p{N}][\p{L}\p{M}\p{N}]*/gu

/** What stands between spaces, without the punctuation around it. */
const tokensOf = (form: string): readonly string[] =>
  form
    .split(/\s+/)
    .map((token) => token.replace(outsideStart, '').replace(outsideEnd, ''))
    .filter((token) => token !== '')

const runsOf = (form: string): readonly string[] => form.match(run) ?? []

/** The digits of what may be a telephone number. */
const digitsOf = (form: string): string | undefined =>
  /^[\s+()./-]*[0-9][0-9\s+()./-]*$/.test(form) ? form.replace(/[^0-9]/g, '') : undefined

/** Scripts in which words are not set apart: one may begin at any letter. */
const unspaced =
  /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}\p{Script=Bopomofo}\p{Script=Yi}\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{Script=Tibetan}]/u

/** The runs, and what of them begins inside where words are not set apart. */
function* partsOf(form: string): Iterable<string> {
  for (const whole of runsOf(form)) {
    yield whole
    if (unspaced.test(whole)) yield* insideOf(whole)
  }
}

function* insideOf(whole: string): Iterable<string> {
  const signs = [...whole]
  let count = 0
  for (const [index, sign] of signs.entries()) {
    const begins = unspaced.test(sign) || unspaced.test(signs[index - 1] ?? '')
    if (index === 0 || !begins || /\p{M}/u.test(sign)) continue
    yield signs.slice(index).join('')
    count += 1
    if (count === mostInside) return
  }
}

const cut = (word: string): string =>
  word.length <= longestWord ? word : [...word].slice(0, longestWord).join('')
