// The vCard of a person: what import/cards.ts reads, the other way round. What the standard's words do not
// say exactly is said again in our own, so that nothing is lost between the two.
import { isDeepStrictEqual } from 'node:util'
import { type CardVersion, propertiesOf } from '../../cards/properties.ts'
import { cardOf, escapedText, unsayable } from '../../cards/syntax.ts'
import { ownPrefix, producer } from '../../cards/words.ts'
import { ownJson, rowOfCard } from '../import/cards.ts'
import { type Property, propertyOf } from '../import/vcard.ts'
import { cellText } from './cells.ts'
import type { Format, Stated, Written } from './formats.ts'

/** Cards of that version. */
export const cards = (version: CardVersion): Format => ({
  head: '',
  write: (stated, id) => card(stated, id, version),
})

function card(stated: Stated, id: string, version: CardVersion): Written {
  const standard = propertiesOf(stated, version)
  const wanted = byColumn(stated)
  const said = understood(standard, version)
  const missing = Object.keys(wanted).filter((name) => !agrees(name, said.get(name), wanted[name]))
  const own = missing.map((name) => ownProperty(name, wanted[name]))
  return { text: cardOf(version, [`UID:urn:uuid:${id}`, ...standard, ...own]), lost: [] }
}

/** Social links have a column each. */
function byColumn({ socialLinks, ...rest }: Stated): Stated {
  return { ...rest, ...(socialLinks as Stated) }
}

/** What whoever reads the properties takes them for, by column. */
function understood(lines: readonly string[], version: CardVersion): Map<string, unknown> {
  const all = [`VERSION:${version}`, `PRODID:${producer}`, ...lines]
  const properties = all.flatMap((line): Property[] => {
    const property = propertyOf(line, 1)
    return property ? [property] : []
  })
  const row = rowOfCard({ line: 1, properties, until: { bytes: 0, lines: 0 } })
  const cells = 'cells' in row ? row.cells : []
  return new Map(cells.map(({ column, value }) => [column.name, value]))
}

const agrees = (name: string, said: unknown, wanted: unknown): boolean =>
  typeof said === 'string'
    ? said === cellText(name, wanted) && said.trim() !== ''
    : isDeepStrictEqual(said, wanted)

function ownProperty(name: string, value: unknown): string {
  const kebab = name.replace(/[A-Z]/g, (letter) => `-${letter}`).toUpperCase()
  const text = cellText(name, value)
  if (!unsayable.test(text)) return `${ownPrefix}${kebab}:${escapedText(text)}`
  return `${ownPrefix}${kebab};VALUE=${ownJson}:${escapedText(JSON.stringify(text))}`
}
