// What was measured so far, in bench/results.json, and as people read it in bench/results.md. Each kind of measurement
// has a section for each size; measuring again replaces that section and no other.
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { type Goal, goalsOf, isFilled } from './goals.ts'
import type { Growth } from './growth.ts'
import type { Hidden } from './hidden.ts'
import type { Latency } from './load.ts'
import type { Circumstances } from './machine.ts'
import type { Figures } from './measure.ts'
import { pictureOf } from './picture.ts'
import type { OnPostgres } from './postgres.ts'
import type { PresenceLoad } from './presence.ts'
import { type ReadCase, type Reads, readCases, type Sizes, type Workers } from './reads.ts'
import type { HotResult, Scim, ScimResult } from './scim.ts'
import type { Course, Soak } from './soak.ts'
import type { Import, Start, Writes } from './writes.ts'

export type Measurement =
  | { readonly kind: 'reads'; readonly data: Reads }
  | { readonly kind: 'sizes'; readonly data: Sizes }
  | { readonly kind: 'workers'; readonly data: Workers }
  | { readonly kind: 'writes'; readonly data: Writes }
  | { readonly kind: 'scim'; readonly data: Scim }
  | { readonly kind: 'presence'; readonly data: PresenceLoad }
  | { readonly kind: 'hidden'; readonly data: Hidden }
  | { readonly kind: 'import'; readonly data: Import }
  | { readonly kind: 'start'; readonly data: Start }
  | { readonly kind: 'postgres'; readonly data: OnPostgres }
  | { readonly kind: 'growth'; readonly data: Growth }
  | { readonly kind: 'soak'; readonly data: Soak }

export type Section = Measurement & {
  readonly quick: boolean
  readonly circumstances: Circumstances
  /** What was asked for, in words. */
  readonly settings: string
}

type SectionOf<Kind extends Section['kind']> = Extract<Section, { kind: Kind }>

const fileOf = (name: string) => fileURLToPath(new URL(name, import.meta.url))
const jsonFile = fileOf('./results.json')

const keyOf = ({ kind, data, quick }: Section): string => {
  const size = 'people' in data ? data.people : 'large' in data ? data.large : data.rows
  return `${kind} ${size}${isFilled({ data }) ? ' filled' : ''}${quick ? ' quick' : ''}`
}

function readSections(): Section[] {
  if (!existsSync(jsonFile)) return []
  return Object.values(JSON.parse(readFileSync(jsonFile, 'utf8')) as Record<string, Section>)
}

/** Puts the sections among those that are there, and writes the files that tell of them all. */
export function keepSections(sections: readonly Section[]): void {
  const kept = new Map([...readSections(), ...sections].map((one) => [keyOf(one), one]))
  const all = [...kept.values()].sort(inOrder)
  const json = Object.fromEntries(all.map((one) => [keyOf(one), one]))
  writeFileSync(jsonFile, `${JSON.stringify(json, undefined, 1)}\n`)
  for (const one of all) {
    if (one.kind === 'reads') writeFileSync(fileOf(`./${pictureName(one)}`), pictureOf(one.data))
  }
  writeFileSync(fileOf('./results.md'), document(all))
}

const kinds = [
  ...(['reads', 'sizes', 'workers', 'writes', 'scim', 'presence', 'import', 'start'] as const),
  ...(['postgres', 'growth', 'hidden', 'soak'] as const),
] as const

/** The quick ones last, the largest first. */
function inOrder(one: Section, other: Section): number {
  const place = (section: Section) => kinds.indexOf(section.kind)
  const size = ({ data }: Section) => ('people' in data ? data.people : 0)
  return (
    Number(one.quick) - Number(other.quick) || place(one) - place(other) || size(other) - size(one)
  )
}

const pictureName = ({ data, quick }: SectionOf<'reads'>) =>
  `results-${data.people}${isFilled({ data }) ? '-filled' : ''}${quick ? '-quick' : ''}.svg`

// As people read it.

const introduction = `# Benchmark results

Made by \`npm run bench\`; measuring again replaces the section that it measures. Kith is measured beside a bare
\`node:http\` server that answers the same bytes and headers, in turn, on the same core. **Ratios are Kith's figure to the
bare server's**, medians over several short runs; the CPU time for a request is the steadier figure, requests/s and
latencies are those of a closed loop at full load. Runs in which the machine did more than 8 % of a core of other work were
discarded and mostly repeated.

- **zipf**: Zipf-distributed people (exponent 1), a few of them asked for over and over; **uniform**: all alike;
  **304**: the 2,000 most popular, asked for with the ETag that they have (Zipf again).
- **Each of them asked for before**: everybody was asked for once in the dialect before it was measured, as in a server that
  has been up for long: what was answered is in memory or on disk. Elsewhere whoever is asked for
  the first time since the server started has to be looked up.
- Who asks is a plain member of the organization, with a key of their own. Requests carry \`Accept\` and \`User-Agent\`.
- The log is written at its usual level, to \`/dev/null\`.
- Memory is the resident set at the end of a run, all processes of the server together.
`

function document(sections: readonly Section[]): string {
  const goals = goalsOf(sections)
  return [
    introduction,
    ...(goals.length > 0 ? [goalTable(goals)] : []),
    ...sections.map((section) => `${titleOf(section)}\n\n${bodyOf(section)}\n\n${foot(section)}`),
  ]
    .join('\n')
    .replace(/\n{3,}/g, '\n\n')
}

const goalTable = (goals: readonly Goal[]): string =>
  `## Goals\n\n${markdown(
    ['figure', 'measured at', 'goal', 'worst', 'median', 'met'],
    goals.map(({ figure, at, goal, worst, middle, met }) => [
      ...[figure, at, goal, worst, middle, met ? 'yes' : '**no**'],
    ]),
  )}\n\nWorst and median are of the dialects.\n`

const people = (count: number) => `${count.toLocaleString('en')} people`

const titles: Readonly<Record<Section['kind'], string>> = {
  reads: 'Reads',
  sizes: 'Two sizes',
  workers: 'Two workers',
  writes: 'Durable writes',
  scim: 'SCIM',
  presence: 'Heartbeats beside reads',
  hidden: 'Hidden and absent people',
  import: 'Import',
  start: 'Cold start',
  postgres: 'On PostgreSQL',
  growth: 'On PostgreSQL, two sizes',
  soak: 'Soak',
}

function titleOf({ kind, data, quick }: Section): string {
  const size =
    'people' in data
      ? `, ${people(data.people)}`
      : 'rows' in data
        ? `, ${data.rows.toLocaleString('en')} rows`
        : ''
  const filled = isFilled({ data }) ? ', each of them asked for before' : ''
  return `## ${titles[kind]}${size}${filled}${quick ? ' (quick, a first impression)' : ''}\n`
}

function foot({ circumstances, settings }: Section): string {
  const { date, processor, cores, memory, system, node, sqlite, kith, pinned } = circumstances
  const gibibytes = (memory / 2 ** 30).toFixed(0)
  return `<sub>${date.slice(0, 16).replace('T', ' ')} UTC · ${cores} × ${processor}, ${gibibytes} GiB · ${system} · Node ${node} · SQLite ${sqlite} · Kith ${kith} · ${pinned} · ${settings}</sub>\n`
}

function bodyOf(section: Section): string {
  switch (section.kind) {
    case 'reads':
      return readsBody(section)
    case 'sizes':
      return sizesBody(section.data)
    case 'workers':
      return workersBody(section.data)
    case 'writes':
      return writesBody(section.data)
    case 'scim':
      return scimBody(section.data)
    case 'presence':
      return presenceBody(section.data)
    case 'hidden':
      return hiddenBody(section.data)
    case 'import':
      return markdown(importHeadings, [importRow(section.data)])
    case 'start':
      return markdown(startHeadings, [startRow(section.data)])
    case 'postgres':
      return postgresBody(section.data)
    case 'growth':
      return growthBody(section.data)
    case 'soak':
      return soakBody(section.data)
  }
}

const caseNames: Readonly<Record<ReadCase, string>> = {
  zipf: 'zipf',
  uniform: 'uniform',
  known: '304',
}

const ratio = (one: number, other: number): string => (one / other).toFixed(2)
const whole = (value: number): string => Math.round(value).toLocaleString('en')
const tenths = (value: number): string => value.toFixed(1)
/** With decimals where it is small. */
const rate = (value: number): string =>
  value >= 100 ? whole(value) : value.toFixed(value >= 10 ? 1 : 2)
/** Milliseconds of microseconds. */
const milli = (value: number): string => (value / 1000).toFixed(2)
const mebi = (bytes: number): string => (bytes / 2 ** 20).toFixed(0)
const percent = (part: number): string =>
  `${part >= 1 ? '+' : '−'}${Math.abs((part - 1) * 100).toFixed(1)} %`

function readsBody(section: SectionOf<'reads'>): string {
  const { data } = section
  const tables = readCases.map((one) => {
    const rows = data.results.filter((result) => result.case === one).map(readRow)
    return rows.length > 0 ? `### ${caseNames[one]}\n\n${markdown(readHeadings, rows)}\n` : ''
  })
  const picture = `![Ratios of Kith to the bare server](${pictureName(section)})\n`
  return [picture, ...tables, ...failures(data), '', busyNote(data)].join('\n')
}

const readHeadings = [
  ...['dialect', 'bytes', 'requests/s', 'bare', 'ratio', 'CPU µs', 'bare', 'ratio'],
  ...['p50 ms', 'bare', 'ratio', 'p99 ms', 'bare', 'ratio', 'MiB', 'bare', 'ratio'],
]

const readRow = ({ dialect, bodyBytes, bare, kith }: Reads['results'][number]): string[] => [
  dialect,
  whole(bodyBytes),
  ...beside(kith, bare, ({ requestsPerSecond }) => requestsPerSecond, whole),
  ...beside(kith, bare, ({ cpuPerRequest }) => cpuPerRequest, tenths),
  ...beside(kith, bare, ({ p50 }) => p50, milli),
  ...beside(kith, bare, ({ p99 }) => p99, milli),
  ...beside(kith, bare, ({ rss }) => rss, mebi),
]

const beside = (
  kith: Figures,
  bare: Figures,
  figure: (figures: Figures) => number,
  told: (value: number) => string,
): string[] => [told(figure(kith)), told(figure(bare)), `**${ratio(figure(kith), figure(bare))}**`]

function failures({ results }: Reads): string[] {
  return results.flatMap(({ dialect, case: one, kith, bare }) => {
    const errors = kith.errors + bare.errors
    const problems = [...kith.problems, ...bare.problems].join('; ')
    return errors > 0 ? [`- ${dialect}, ${caseNames[one]}: ${errors} errors (${problems})`] : []
  })
}

function busyNote({ discarded, disturbed }: { discarded: number; disturbed: number }): string {
  const count = discarded === 1 ? '1 run was' : `${discarded} runs were`
  const even =
    disturbed > 0 ? `; the machine stayed busy, so ${disturbed} disturbed ones count even so` : ''
  return `${count} discarded because the machine was busy otherwise${even}.`
}

function sizesBody(data: Sizes): string {
  const { small, large, results } = data
  const rows = results.map(({ dialect, bare, small: few, large: many }) => [
    dialect,
    ...[few, many, bare].map(({ cpuPerRequest }) => tenths(cpuPerRequest)),
    `**${percent(many.cpuPerRequest / few.cpuPerRequest)}**`,
    ...[few, many].map(({ requestsPerSecond }) => whole(requestsPerSecond)),
    `**${percent(many.requestsPerSecond / few.requestsPerSecond)}**`,
    ...[few, many].map(({ rss }) => mebi(rss)),
  ])
  const few = small.toLocaleString('en')
  const many = large.toLocaleString('en')
  const headings = [
    ...['dialect', `CPU µs, ${few}`, many, 'bare', 'change'],
    ...[`requests/s, ${few}`, many, 'change', `MiB, ${few}`, many],
  ]
  return `Zipf reads of ${people(small)} and of ${people(large)}, two servers in turn.\n\n${markdown(headings, rows)}\n\n${busyNote(data)}`
}

function workersBody(data: Workers): string {
  const { one, two, roomForAll, dialect } = data
  const row = (
    name: string,
    figure: (figures: Figures) => number,
    told: (value: number) => string,
  ) => [name, ...[one, two].map((of) => told(figure(of))), `**${ratio(figure(two), figure(one))}**`]
  const table = markdown(
    ['figure', 'one', 'two workers', 'ratio'],
    [
      row('requests/s', ({ requestsPerSecond }) => requestsPerSecond, whole),
      row('CPU µs a request', ({ cpuPerRequest }) => cpuPerRequest, tenths),
      row(
        'requests a second of the busiest process',
        ({ requestsPerBusySecond }) => requestsPerBusySecond,
        whole,
      ),
      row('p99 ms', ({ p99 }) => p99, milli),
      row('MiB', ({ rss }) => rss, mebi),
    ],
  )
  const note = roomForAll
    ? ''
    : 'The machine has two cores, so two workers and the load generator shared them: requests/s tell how the three got along. What two workers could do with a core each is in the third line: requests in a second of processor time of the busiest process.\n\n'
  return `Zipf reads in ${dialect}; nothing is pinned to a core.\n\n${note}${table}\n\n${busyNote(data)}`
}

const writesHeadings = ['commits of one person', 'writes/s', 'p50 ms']

const writesRows = ({ alone, eightInFlight }: Writes): string[][] => [
  ['one after the other', whole(alone.perSecond), milli(alone.p50)],
  ['eight in flight', whole(eightInFlight.perSecond), milli(eightInFlight.p50)],
]

const writesBody = (data: Writes): string =>
  `Each is safe on disk (\`synchronous=FULL\`) with its line in the change log when it counts.\n\n${markdown(writesHeadings, writesRows(data))}`

const scimHeadings = ['request', 'in flight', 'requests/s', 'p50 ms', 'p99 ms', 'CPU µs']

const scimRow = ({ request, inFlight, figures }: ScimResult): string[] => [
  ...[request, String(inFlight), rate(figures.requestsPerSecond)],
  ...[milli(figures.p50), milli(figures.p99)],
  figures.cpuPerRequest === undefined ? '' : whole(figures.cpuPerRequest),
]

const hotHeadings = ['a person in webex, beside', 'reads/s', 'p50 ms', 'p99 ms', 'searches/s']

const hotRow = ({ beside: other, figures }: HotResult): string[] => [
  ...[other, whole(figures.requestsPerSecond), milli(figures.p50), milli(figures.p99)],
  figures.besidePerSecond === undefined ? '' : rate(figures.besidePerSecond),
]

function scimBody(data: Scim): string {
  const { results, hot, copied, newcomers, changed } = data
  const all = [
    ...results.map(({ request, figures }) => ({ name: request, figures })),
    ...hot.map(({ beside: other, figures }) => ({ name: `beside ${other}`, figures })),
  ]
  const failed = all.flatMap(({ name, figures: { errors, problems } }) =>
    errors > 0 ? [`- ${name}: ${errors} errors (${problems.join('; ')})`] : [],
  )
  const traces = copied
    ? 'All of it in a copy of the directory that was thrown away afterwards.'
    : `All of it in the directory itself: of whom was created a record stays that says deleted, and titles of up to ${whole(changed)} people stay other ones.`
  return [
    `A service's key with the role of an administrator. No list is given again from memory, and searches run in threads of their own. Writes are safe on disk when they are answered; runs of creations are of a second at most. The ${whole(newcomers)} people who were created were deleted again by SCIM \`DELETE\`, which are the deletions below. ${traces}`,
    markdown(scimHeadings, results.map(scimRow)),
    `The most popular (Zipf), read one after the other by a plain member, while the administrator searches for \`title co\` without a pause; here nothing is pinned to a core.`,
    markdown(hotHeadings, hot.map(hotRow)),
    failed.join('\n'),
    busyNote(data),
  ].join('\n\n')
}

const nodeHeadings = [
  ...['read from', 'case', 'requests/s', 'to SQLite', 'p50 ms', 'p99 ms', 'CPU µs, all'],
  ...['requests/s of a node’s core', 'to SQLite', 'errors'],
]

/** In the order of the cases; beside each the ratio to the server on SQLite. */
const nodeRows = ({ reads }: OnPostgres): string[][] =>
  readCases.flatMap((one) => {
    const rows = reads.filter((read) => read.case === one)
    const sqlite = rows.find(({ setup }) => setup === 'SQLite')?.figures
    const to = (figures: Figures, figure: (of: Figures) => number) =>
      sqlite ? `**${ratio(figure(figures), figure(sqlite))}**` : ''
    return rows.map(({ setup, figures }) => [
      ...[setup, caseNames[one], whole(figures.requestsPerSecond)],
      to(figures, ({ requestsPerSecond }) => requestsPerSecond),
      ...[milli(figures.p50), milli(figures.p99), tenths(figures.cpuPerRequest)],
      whole(figures.requestsPerBusySecond),
      to(figures, ({ requestsPerBusySecond }) => requestsPerBusySecond),
      whole(figures.errors),
    ])
  })

function postgresBody(data: OnPostgres): string {
  const { dialect, version, moved, reads, perRead, writes } = data
  const failed = reads.flatMap(({ setup, case: one, figures: { errors, problems } }) =>
    errors > 0 ? [`- ${setup}, ${caseNames[one]}: ${errors} errors (${problems.join('; ')})`] : [],
  )
  const rows = whole(moved.rows)
  const pace = (seconds: number) => `${tenths(seconds)} s (${whole(moved.rows / seconds)} rows/s)`
  return [
    `Reads in ${dialect}, of one node on a primary, of two, and of one that reads from standbys, beside one server on SQLite with the same people. PostgreSQL ${version}, nodes, standbys and the load generator share this machine's cores, and nothing is pinned: requests/s tell how they got along. What a node could do with a core to itself is in requests/s of its core: requests in a second of processor time of the busiest node. Its neighbours' processor time is in that of all.`,
    markdown(nodeHeadings, nodeRows(data)),
    `What one node asks of the database for a read, with answers that are kept and with \`--cache-size 0\`; what it does by itself, without being asked anything, is taken off.`,
    markdown(
      ['answers', 'case', 'statements', 'rows', 'bytes to the node', 'CPU µs of the database'],
      perRead.map(({ cached, case: one, statements, rows: many, bytes, cpu }) => [
        ...[cached ? 'kept' : 'not kept', one, statements.toFixed(3), many.toFixed(3)],
        ...[whole(bytes), tenths(cpu)],
      ]),
    ),
    'Durable writes, a change of one person each, with `fsync` and `synchronous_commit` on, and without a synchronous standby.',
    markdown(
      ['nodes', 'in flight on each', 'writes/s', 'p50 ms'],
      writes.map(({ nodes, inFlight, perSecond, p50 }) => [
        ...[String(nodes), String(inFlight), whole(perSecond), milli(p50)],
      ]),
    ),
    `\`kithd migrate\` copied the ${rows} rows from SQLite in ${pace(moved.copying)}, and compared all of them in ${pace(moved.checking)}.`,
    failed.join('\n'),
    busyNote(data),
  ].join('\n\n')
}

const growthHeadings = [
  ...['case', 'answers', 'people', 'requests/s', 'p50 ms', 'p99 ms', 'CPU µs, all', 'change'],
  ...['statements', 'rows', 'bytes to the node', 'CPU µs of the database'],
]

/** By case and by whether answers are kept, the small directory first. */
function growthRows({ results }: Growth): string[][] {
  const order = results.toSorted(
    (one, other) =>
      other.case.localeCompare(one.case) ||
      Number(other.cached) - Number(one.cached) ||
      one.people - other.people,
  )
  let before = Number.NaN
  return order.map(({ people: count, cached, case: one, figures, each }, index) => {
    const { requestsPerSecond, p50, p99, cpuPerRequest } = figures
    const isFirst = index % 2 === 0
    const change = isFirst ? '' : percent(cpuPerRequest / before)
    before = cpuPerRequest
    return [
      ...[one, cached ? 'kept' : 'not kept', whole(count), whole(requestsPerSecond)],
      ...[milli(p50), milli(p99), tenths(cpuPerRequest), change],
      ...[each.statements.toFixed(3), each.rows.toFixed(3), whole(each.bytes), tenths(each.cpu)],
    ]
  })
}

function growthBody(data: Growth): string {
  const { dialect, version, directories } = data
  const gibi = (bytes: number) => (bytes / 2 ** 30).toFixed(2)
  return [
    `Reads in ${dialect}, of one node on each of two directories in databases of one PostgreSQL ${version}, with answers that are kept and with \`--cache-size 0\`. Nobody was asked for before the load that comes before each case. Nodes, database and load generator share this machine's cores, and nothing is pinned.`,
    markdown(growthHeadings, growthRows(data)),
    markdown(
      ['people', 'GiB', 'KB a person', 'rows', 'copied, rows/s', 'compared, rows/s'],
      directories.map(({ people: count, bytes, moved }) => [
        ...[whole(count), gibi(bytes), tenths(bytes / count / 1000), whole(moved.rows)],
        ...[whole(moved.rows / moved.copying), whole(moved.rows / moved.checking)],
      ]),
    ),
    busyNote(data),
  ].join('\n\n')
}

const presenceHeadings = [
  ...['dialect', 'reads/s', 'bare', 'ratio', 'beside heartbeats', 'bare', 'ratio'],
  ...['CPU µs', 'beside', 'p99 ms', 'beside', 'heartbeats/s', 'p99 ms'],
]

const presenceRow = ({
  dialect,
  bare,
  kith,
  bareBeside,
  kithBeside,
}: PresenceLoad['results'][number]): string[] => [
  dialect,
  ...beside(kith, bare, ({ requestsPerSecond }) => requestsPerSecond, whole),
  ...beside(kithBeside, bareBeside, ({ requestsPerSecond }) => requestsPerSecond, whole),
  ...[kith, kithBeside].map(({ cpuPerRequest }) => tenths(cpuPerRequest)),
  ...[kith, kithBeside].map(({ p99 }) => milli(p99)),
  rate(kithBeside.besidePerSecond ?? 0),
  milli(kithBeside.besideP99 ?? 0),
]

const aloneHeadings = ['heartbeats alone, one at a time', 'requests/s', 'CPU µs', 'p99 ms']
const aloneRow = ({ alone }: PresenceLoad): string[] => [
  ...[
    'of one person',
    whole(alone.requestsPerSecond),
    tenths(alone.cpuPerRequest),
    milli(alone.p99),
  ],
]

const hiddenHeadings = ['dialect', 'hidden, µs', 'absent, µs', 'hidden is later']

const hiddenRow = ({ dialect, hidden, absent, later }: Hidden['results'][number]): string[] => [
  ...[dialect, tenths(hidden), tenths(absent), `${tenths(later * 100)} %`],
]

const hiddenBody = ({ requests, results }: Hidden): string =>
  [
    `Time until the answer of one request after the other, ${whole(requests)} of each, by chance for somebody whom the caller may not know of or for nobody.`,
    'Medians, and how often the answer about somebody hidden is the later one of two: 50 % where nothing can be told.\n',
    markdown(hiddenHeadings, results.map(hiddenRow)),
  ].join('\n')

function presenceBody(data: PresenceLoad): string {
  const { results, alone, beating, perMinute, sampled, recorded, changes } = data
  const all = results.flatMap(({ dialect, ...figures }) =>
    Object.entries(figures).map(([name, of]) => ({ name: `${dialect}, ${name}`, of })),
  )
  const failed = [...all, { name: 'heartbeats alone', of: alone }].flatMap(
    ({ name, of: { errors, problems } }) =>
      errors > 0 ? [`- ${name}: ${errors} errors (${problems.join('; ')})`] : [],
  )
  return [
    `Zipf reads at full load, and beside them ${whole(perMinute)} heartbeats a minute at an even pace, of ${people(beating)} in turn, which the bare server answers too. The processor time is the server's for a read, that for the heartbeats included. All of it in a copy of the directory that was thrown away afterwards.`,
    markdown(presenceHeadings, results.map(presenceRow)),
    markdown(aloneHeadings, [aloneRow(data)]),
    `Of ${whole(sampled)} people who were looked up afterwards, ${whole(recorded)} were on record as having been there. The change log and the versions of their records grew by ${whole(changes)}.`,
    failed.join('\n'),
    busyNote(data),
  ].join('\n\n')
}

const importHeadings = ['rows', 'seconds', 'rows/s']
const importRow = ({ rows, seconds, rowsPerSecond }: Import): string[] => [
  ...[whole(rows), tenths(seconds), whole(rowsPerSecond)],
]

const startHeadings = ['starts', 'median ms', 'slowest ms']
const startRow = ({ times, ms, slowest }: Start): string[] => [times, ms, slowest].map(whole)

function soakBody(soak: Soak): string {
  const { minutes, requests, requestsPerSecond, cpuPerRequest } = soak
  const { errors, changes, revocations, violations } = soak
  const facts = markdown(
    [
      'minutes',
      'requests',
      'requests/s',
      'CPU µs',
      'errors',
      'changes',
      'revocations',
      'violations',
    ],
    [
      [
        ...[String(minutes), ...[requests, requestsPerSecond, cpuPerRequest].map(whole)],
        ...[errors, changes, revocations, violations].map(whole),
      ],
    ],
  )
  const said = [...soak.problems, ...soak.examples].map((problem) => `- ${problem}`).join('\n')
  const memory = markdown(
    ['memory, MiB', 'first', 'last', 'min', 'max', 'slope, MiB a minute'],
    [
      ['resident', ...courseCells(soak.rss)],
      ['heap', ...courseCells(soak.heap)],
    ],
  )
  return [
    'Zipf reads of all dialects with several keys at full load; beside it people change and keys are issued and revoked, and each of those is looked for in the next answer. A violation is an answer without it.',
    facts,
    said,
    memory,
    'Slopes are of the last four fifths of the time.',
    latencyBody(soak.latency),
  ].join('\n\n')
}

const courseCells = ({ first, last, min, max, slope }: Course): string[] => [
  ...[first, last, min, max].map(mebi),
  (slope / 2 ** 20).toFixed(2),
]

function latencyBody({ octaves, ...percentiles }: Latency): string {
  const { p50, p90, p99, p999, p9999, max } = percentiles
  const table = markdown(
    ['latency, ms', 'p50', 'p90', 'p99', 'p99.9', 'p99.99', 'max'],
    [['', ...[p50, p90, p99, p999, p9999, max].map(milli)]],
  )
  return `${table}\n\n\`\`\`\n${histogram(octaves)}\n\`\`\``
}

/** Characters of the longest bar. */
const widest = 50

/** A bar for each doubling of the time; on a logarithmic scale, or the few slow ones could not be seen. */
function histogram(octaves: readonly number[]): string {
  const most = Math.log10(Math.max(...octaves) + 1)
  const first = octaves.findIndex((count) => count > 0)
  return octaves
    .map((count, octave) => {
      const part = Math.log10(count + 1) / most
      const length = count === 0 ? 0 : Math.max(1, Math.round(part * widest))
      const below = `< ${milli(2 ** octave)} ms`.padStart(14)
      return `${below} ${'█'.repeat(length).padEnd(widest)} ${whole(count)}`
    })
    .slice(Math.max(0, first))
    .join('\n')
}

function markdown(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) => `| ${cells.join(' | ')} |`
  const rule = headings.map((_, column) => (column === 0 ? '---' : '---:'))
  return [headings, rule, ...rows].map(line).join('\n')
}

// As the terminal shows it.

export interface Shown {
  readonly title: string
  readonly tables: readonly Table[]
}

interface Table {
  readonly headings: readonly string[]
  readonly rows: readonly (readonly string[])[]
}

export const shown = (section: Section): Shown => ({
  title: titleOf(section).slice(3).trim(),
  tables: section.kind === 'scim' ? scimTables(section.data) : [tableOf(section)],
})

const scimTables = ({ results, hot }: Scim): Table[] => [
  { headings: scimHeadings, rows: results.map(scimRow).map(unmarked) },
  { headings: hotHeadings, rows: hot.map(hotRow) },
]

function tableOf(section: Exclude<Section, { kind: 'scim' }>): Table {
  switch (section.kind) {
    case 'reads':
      return { headings: shortHeadings, rows: section.data.results.map(shortRow) }
    case 'sizes':
      return {
        headings: ['dialect', 'CPU change', 'requests/s change'],
        rows: section.data.results.map(({ dialect, small, large }) => [
          dialect,
          percent(large.cpuPerRequest / small.cpuPerRequest),
          percent(large.requestsPerSecond / small.requestsPerSecond),
        ]),
      }
    case 'workers':
      return {
        headings: ['one, requests/s', 'two workers', 'ratio', 'ratio by CPU time'],
        rows: [workersRow(section.data)],
      }
    case 'writes':
      return { headings: writesHeadings, rows: writesRows(section.data) }
    case 'presence':
      return {
        headings: presenceHeadings,
        rows: section.data.results.map(presenceRow).map(unmarked),
      }
    case 'hidden':
      return { headings: hiddenHeadings, rows: section.data.results.map(hiddenRow) }
    case 'import':
      return { headings: importHeadings, rows: [importRow(section.data)] }
    case 'start':
      return { headings: startHeadings, rows: [startRow(section.data)] }
    case 'postgres':
      return {
        headings: nodeHeadings,
        rows: nodeRows(section.data).map(unmarked),
      }
    case 'growth':
      return { headings: growthHeadings, rows: growthRows(section.data) }
    case 'soak':
      return { headings: soakHeadings, rows: [soakRow(section.data)] }
  }
}

const workersRow = ({ one, two }: Workers): string[] => [
  whole(one.requestsPerSecond),
  whole(two.requestsPerSecond),
  ratio(two.requestsPerSecond, one.requestsPerSecond),
  ratio(two.requestsPerBusySecond, one.requestsPerBusySecond),
]

const soakHeadings = [
  ...['requests', 'requests/s', 'errors', 'violations', 'p99 ms', 'max ms'],
  ...['MiB', 'MiB a minute'],
]

const soakRow = (soak: Soak): string[] => {
  const { requests, requestsPerSecond, errors, violations, rss, latency } = soak
  return [
    ...[requests, requestsPerSecond, errors, violations].map(whole),
    ...[milli(latency.p99), milli(latency.max), mebi(rss.last)],
    (rss.slope / 2 ** 20).toFixed(2),
  ]
}

const shortHeadings = [
  ...['dialect', 'case', 'requests/s', 'bare', 'ratio', 'CPU µs', 'bare', 'ratio'],
  ...['p99 ms', 'bare', 'ratio', 'MiB', 'errors'],
]

const shortRow = ({ dialect, case: one, bare, kith }: Reads['results'][number]): string[] => [
  dialect,
  caseNames[one],
  ...plain(kith, bare, ({ requestsPerSecond }) => requestsPerSecond, whole),
  ...plain(kith, bare, ({ cpuPerRequest }) => cpuPerRequest, tenths),
  ...plain(kith, bare, ({ p99 }) => p99, milli),
  mebi(kith.rss),
  whole(kith.errors + bare.errors),
]

const plain = (...parameters: Parameters<typeof beside>): string[] =>
  unmarked(beside(...parameters))

const unmarked = (cells: readonly string[]): string[] =>
  cells.map((cell) => cell.replace(/[*`]/g, ''))
