import { parse } from 'csv-parse/sync'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { csvRecords } from './csv.ts'
import { linesOf } from './lines.ts'

async function recordsOf(text: string) {
  async function* bytes() {
    yield Buffer.from(text)
  }
  return Array.fromAsync(csvRecords(linesOf(bytes())))
}

const cell = fc
  .array(fc.constantFrom('a', 'é', '"', ',', '\n', '\r\n', ';', ' ', '\u2028', '+1'), {
    maxLength: 6,
  })
  .map((letters) => letters.join(''))
const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`

describe('reading CSV', () => {
  it('gives back what was quoted, as another reader does, with the line on which each record begins', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(cell, { minLength: 1, maxLength: 4 }), { maxLength: 6 }),
        fc.constantFrom('\n', '\r\n'),
        async (records, end) => {
          const written = records.map((cells) => cells.map(quoted).join(',') + end)
          const text = written.join('')
          const read = await recordsOf(text)
          const cells = read.map((one) => ('cells' in one ? one.cells : one.problem))
          expect(cells).toEqual(records)
          expect(cells).toEqual(parse(text, { relax_column_count: true }))
          const begins = written.map((_, at) => written.slice(0, at).join('').split('\n').length)
          expect(read.map(({ line }) => line)).toEqual(begins)
        },
      ),
    )
  })

  it('takes blanks around a cell away, but not those inside quotes', async () => {
    expect(await recordsOf(' a ,\t" b ", c"d ,')).toEqual([
      { line: 1, cells: ['a', ' b ', 'c"d', ''], utf8: true, until: { bytes: 17, lines: 1 } },
    ])
  })
})
