/** Rows as lines in columns, under their names; numbers to the right. */
export function tableOf(rows: readonly Readonly<Record<string, string | number>>[]): string {
  const names = Object.keys(rows[0] ?? {})
  const cells = rows.map((row) => names.map((name) => row[name] ?? ''))
  const widths = names.map((name, index) =>
    Math.max(name.length, ...cells.map((row) => String(row[index]).length)),
  )
  const line = (row: readonly (string | number)[], like: readonly (string | number)[]) => {
    const padded = row.map((cell, index) => {
      const width = widths[index] ?? 0
      return typeof like[index] === 'number' ? `${cell}`.padStart(width) : `${cell}`.padEnd(width)
    })
    return `| ${padded.join(' | ')} |`
  }
  const [first = []] = cells
  const rule = `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`
  return [line(names, first), rule, ...cells.map((row) => line(row, row))].join('\n')
}
