import { type RatioGoal, ratioGoals } from './goals.ts'
import type { Reads } from './reads.ts'

const panels: readonly { readonly goal: RatioGoal; readonly title: string }[] = [
  { goal: ratioGoals.hotCpu, title: 'Zipf: CPU time for a request (less is better)' },
  { goal: ratioGoals.uniform, title: 'Uniform: requests/s (more is better)' },
  { goal: ratioGoals.known, title: '304: requests/s (more is better)' },
]

// Pixels.
const width = 760
const left = 130
const right = 70
const top = 84
const barHeight = 18
const barGap = 8
const panelHead = 38
const panelGap = 30

const ink = '#1f2933'
const faint = '#52606d'
const paper = '#ffffff'
const good = '#2f7d5b'
const short = '#c2571a'
const mark = '#9b1c31'

/** A bar for each dialect's ratio to the bare server, with the goals; on white whatever page it is shown on. */
export function pictureOf({ people, results }: Reads): string {
  let y = top
  const parts: string[] = []
  for (const { goal, title } of panels) {
    const bars = results
      .filter((result) => result.case === goal.case)
      .map(({ dialect, kith, bare }) => ({ dialect, ratio: goal.of(kith) / goal.of(bare) }))
    if (bars.length === 0) continue
    const height = panelHead + bars.length * (barHeight + barGap)
    parts.push(panel(y, title, goal, bars))
    y += height + panelGap
  }
  const height = y
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" font-family="system-ui, -apple-system, 'Segoe UI', 'DejaVu Sans', sans-serif" font-size="13">
<title>Kith to a bare node:http server, ${people} people</title>
<rect width="${width}" height="${height}" fill="${paper}"/>
<text x="24" y="34" font-size="18" font-weight="600" fill="${ink}">Kith to a bare node:http server that answers the same bytes</text>
<text x="24" y="56" fill="${faint}">${people.toLocaleString('en')} people; the thin line is the bare server, the dashed one the goal</text>
${parts.join('\n')}
</svg>
`
}

interface Bar {
  readonly dialect: string
  readonly ratio: number
}

function panel(y: number, title: string, goal: RatioGoal, bars: readonly Bar[]): string {
  const { bound, atMost } = goal
  const most = Math.max(1, bound, ...bars.map(({ ratio }) => ratio)) * 1.08
  const x = (ratio: number) => left + (ratio / most) * (width - left - right)
  const bottom = y + panelHead + bars.length * (barHeight + barGap)
  const barTop = (index: number) => y + panelHead + index * (barHeight + barGap)
  const rect = (end: number, at: number, ratio: number) => {
    const met = atMost ? ratio <= bound : ratio >= bound
    return `<rect x="${left}" y="${at}" width="${round(end - left)}" height="${barHeight}" rx="2" fill="${met ? good : short}"/>`
  }
  const line = (at: number, color: string, dashes: string) =>
    `<line x1="${round(x(at))}" x2="${round(x(at))}" y1="${y + panelHead - 6}" y2="${bottom - 2}" stroke="${color}" stroke-width="1.5"${dashes}/>`
  const anchor = x(bound) > width - 180 ? 'end' : 'middle'
  return `<text x="24" y="${y + 14}" font-weight="600" fill="${ink}">${title}</text>
${bars.map(({ ratio }, index) => rect(x(ratio), barTop(index), ratio)).join('\n')}
${line(1, faint, '')}
${line(bound, mark, ' stroke-dasharray="5 4"')}
${bars.map((bar, index) => words(bar, x(bar.ratio), barTop(index))).join('\n')}
<text x="${round(x(bound))}" y="${y + panelHead - 10}" font-size="11" text-anchor="${anchor}" fill="${mark}">goal ${atMost ? '≤' : '≥'} ${bound}</text>`
}

/** The bar's name before it, and its value after it, above every line. */
function words({ dialect, ratio }: Bar, end: number, barTop: number): string {
  const base = barTop + barHeight - 4
  return `<text x="${left - 10}" y="${base}" text-anchor="end" fill="${ink}">${dialect}</text>
<text x="${round(end + 6)}" y="${base}" font-weight="600" fill="${ink}" stroke="${paper}" stroke-width="4" paint-order="stroke">${ratio.toFixed(2)}</text>`
}

const round = (value: number): number => Math.round(value * 10) / 10
