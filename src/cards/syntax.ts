import { producer } from './words.ts'

/** Control characters that may not stand in a card: all but the tab, and the line feed, which is written `\n`. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
export const unsayable = /[\u0000-\u0008\u000b-\u001f\u007f]/
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is taken out
const allUnsayable = /[\u0000-\u0008\u000b-\u001f\u007f]/g

export const escapedText = (value: string): string =>
  value
    .replace(allUnsayable, '')
    .replace(/[\\,;]/g, (sign) => `\\${sign}`)
    .replaceAll('\n', '\\n')

/** A parameter's value (RFC 6868). */
export function param(value: string): string {
  if (/^[A-Za-z0-9-]+$/.test(value)) return value
  const inQuotes = value
    .replace(allUnsayable, '')
    .replaceAll('^', '^^')
    .replaceAll('\n', '^n')
    .replaceAll('"', "^'")
  return `"${inQuotes}"`
}

/** Bytes of a line, without its end. */
const longestLine = 75

/** A line as it stands in the file: parted after 75 bytes, never within a character. */
function foldedLine(line: string): string {
  if (Buffer.byteLength(line) <= longestLine) return `${line}\r\n`
  const pieces: string[] = []
  let piece = ''
  let bytes = 0
  for (const sign of line) {
    const size = Buffer.byteLength(sign)
    if (bytes + size > longestLine) {
      pieces.push(piece)
      // The blank with which it goes on counts.
      piece = ''
      bytes = 1
    }
    piece += sign
    bytes += size
  }
  return `${[...pieces, piece].join('\r\n ')}\r\n`
}

/** A whole card, as it stands in a file. */
export const cardOf = (version: string, lines: readonly string[]): string =>
  ['BEGIN:VCARD', `VERSION:${version}`, `PRODID:${producer}`, ...lines, 'END:VCARD']
    .map(foldedLine)
    .join('')
