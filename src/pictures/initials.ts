import { createHash } from 'node:crypto'

// What stands in for a missing picture: initials on a colour where the reader's own fonts draw them, else a silhouette.
// Text is never drawn here: which scripts that could do would hang on the machine's fonts.

/** Names as far as the viewer may see them. */
export interface Named {
  readonly initials?: string | undefined
  readonly givenName?: string | undefined
  readonly familyName?: string | undefined
  readonly displayName?: string | undefined
}

/** As set, else made of the given and the family name; empty where neither is known. */
export const initialsOf = ({ initials, givenName = '', familyName = '' }: Named): string =>
  initials ?? firstLetter(givenName) + firstLetter(familyName)

/** The same for a picture: there is room for three, and the name that is shown to all will do. */
function drawnInitials(named: Named): string {
  const words = (named.displayName ?? '').split(/\s+/u).filter(Boolean)
  const [first = '', last = ''] = [words[0], words.length > 1 ? words.at(-1) : '']
  const text = initialsOf(named) || firstLetter(first) + firstLetter(last)
  return lettersOf(text).slice(0, 3).map(bounded).join('').toUpperCase()
}

const letters = new Intl.Segmenter('und', { granularity: 'grapheme' })

/** What a reader takes for letters, in any script. */
const lettersOf = (text: string): string[] =>
  [...letters.segment(text.slice(0, 256))].map(({ segment }) => segment)

const firstLetter = (name: string): string => lettersOf(name.trim())[0] ?? ''

/** A letter with a hundred accents would cover everything. */
const bounded = (letter: string): string =>
  letter.length <= 24 ? letter : String.fromCodePoint(letter.codePointAt(0) ?? 0x2022)

/** The initials of a person as an image of 200 by 200, which scales to any size; undefined where there are none to show. */
export function initialsImage(id: string, named: Named): Buffer | undefined {
  const text = drawnInitials(named)
  if (text === '' || /^[\s\p{Cc}\p{Cf}]*$/u.test(text)) return undefined
  const count = lettersOf(text).length
  const size = count === 1 ? 104 : count === 2 ? 84 : 62
  const [red, green, blue] = colourOf(id)
  return Buffer.from(
    `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="200" viewBox="0 0 200 200">` +
      `<rect width="200" height="200" fill="rgb(${red},${green},${blue})"/>` +
      `<text x="100" y="100" fill="#fff" font-family="system-ui,sans-serif" font-size="${size}" ` +
      `text-anchor="middle" dominant-baseline="central">${escaped(text)}</text></svg>`,
  )
}

const entities: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' }

/** As XML has it, which knows no controls and no halves of characters. */
const escaped = (text: string): string =>
  text
    .toWellFormed()
    .replace(/[\p{Cc}\uFFFE\uFFFF]/gu, '')
    .replace(/[&<>]/g, (sign) => entities[sign] ?? '')

export type Colour = readonly [red: number, green: number, blue: number]

/** A colour that is always the same for an id, and dark enough for white letters (WCAG 2.2 §1.4.3: 4.5 to 1). */
export function colourOf(id: string): Colour {
  const hue = createHash('sha256').update(id).digest().readUInt16BE(0) % 360
  let lightness = 45
  while (contrastToWhite(rgbOf(hue, lightness)) < 4.5) lightness -= 1
  return rgbOf(hue, lightness)
}

function rgbOf(hue: number, lightness: number): Colour {
  const [saturation, light] = [0.55, lightness / 100]
  const reach = saturation * Math.min(light, 1 - light)
  const channel = (at: number) => {
    const turn = (at + hue / 30) % 12
    return Math.round(255 * (light - reach * Math.max(-1, Math.min(turn - 3, 9 - turn, 1))))
  }
  return [channel(0), channel(8), channel(4)]
}

/** WCAG 2.2's contrast ratio of a colour to white. */
export function contrastToWhite(colour: Colour): number {
  const [red = 0, green = 0, blue = 0] = colour.map((value) => {
    const part = value / 255
    return part <= 0.040_45 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
  })
  return 1.05 / (0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05)
}

/** Head and shoulders in a lighter shade of the id's colour: `size` by `size` pixels of three channels. */
export function silhouette(id: string, size: number): Uint8Array {
  const ground = colourOf(id)
  const figure = ground.map((value) => Math.round(value + (255 - value) * 0.65))
  const pixels = new Uint8Array(size * size * 3)
  // Half a pixel of softness at the edges.
  const cover = (distance: number) => Math.min(1, Math.max(0, 0.5 - distance * size))
  for (let row = 0, at = 0; row < size; row += 1) {
    const y = (row + 0.5) / size
    for (let column = 0; column < size; column += 1) {
      const x = (column + 0.5) / size
      const head = Math.hypot(x - 0.5, y - 0.38) - 0.18
      const shoulders = Math.hypot(x - 0.5, (y - 1.02) * 0.95) - 0.36
      const part = cover(Math.min(head, shoulders))
      for (let channel = 0; channel < 3; channel += 1, at += 1) {
        const [back = 0, front = 0] = [ground[channel], figure[channel]]
        pixels[at] = back + (front - back) * part
      }
    }
  }
  return pixels
}
