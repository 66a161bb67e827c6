import { expect, it } from 'vitest'
import { table } from './output.ts'

it('prints a row on one line, in aligned columns, and nothing that a terminal would act upon', () => {
  const rows = [
    ['a\u001b[2J\r\nb', 'x'],
    ['\u009b1m', 'y'],
  ]
  expect(table(['NAME', 'NEXT'], rows)).toBe(
    ['NAME             NEXT', 'a\\u001b[2J\\r\\nb  x', '?1m              y'].join('\n'),
  )
})
