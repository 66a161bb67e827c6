import { type Figures, median } from './measure.ts'
import type { ReadCase } from './reads.ts'
import type { Section } from './results.ts'

/** A figure that Kith wants to reach, and what was measured of it. */
export interface Goal {
  readonly figure: string
  readonly at: string
  readonly goal: string
  /** Of the dialects. */
  readonly worst: string
  readonly middle: string
  readonly met: boolean
}

/** A ratio of Kith to the bare server with its goal. */
export interface RatioGoal {
  readonly figure: string
  readonly case: ReadCase
  readonly bound: number
  /** Whether less is better. */
  readonly atMost: boolean
  readonly of: (figures: Figures) => number
}

export const ratioGoals = {
  hotCpu: {
    figure: 'zipf: CPU time for a request, ratio',
    case: 'zipf',
    bound: 1.35,
    atMost: true,
    of: ({ cpuPerRequest }) => cpuPerRequest,
  },
  hotP99: {
    figure: 'zipf: p99, ratio',
    case: 'zipf',
    bound: 1.5,
    atMost: true,
    of: ({ p99 }) => p99,
  },
  uniform: {
    figure: 'uniform: requests/s, ratio',
    case: 'uniform',
    bound: 0.4,
    atMost: false,
    of: ({ requestsPerSecond }) => requestsPerSecond,
  },
  known: {
    figure: '304: requests/s, ratio',
    case: 'known',
    bound: 0.9,
    atMost: false,
    of: ({ requestsPerSecond }) => requestsPerSecond,
  },
} as const satisfies Record<string, RatioGoal>

/** Bytes. */
const mostMemory = 400e6
const mostChange = 0.1
const leastGain = 1.7

/** What the goals come to in the largest directory that was measured, and with two workers in each; quick runs count where there are no others. */
export function goalsOf(sections: readonly Section[]): Goal[] {
  return [
    ...largest(sections, 'reads').flatMap(readGoals),
    ...largest(sections, 'sizes').flatMap(sizeGoals),
    ...allOf(sections, 'workers').flatMap(workerGoals),
  ]
}

/** The first of that kind, and the first of those that were measured after everybody had been asked for: they are in order. */
function largest<Kind extends Section['kind']>(
  sections: readonly Section[],
  kind: Kind,
): Extract<Section, { kind: Kind }>[] {
  const own = allOf(sections, kind)
  const [filled, fresh] = [true, false].map((wanted) => own.find((one) => isFilled(one) === wanted))
  return [filled, fresh].filter((one) => one !== undefined)
}

const allOf = <Kind extends Section['kind']>(
  sections: readonly Section[],
  kind: Kind,
): Extract<Section, { kind: Kind }>[] =>
  sections.filter((one): one is Extract<Section, { kind: Kind }> => one.kind === kind)

/** Whether everybody had been asked for before it was measured. */
export const isFilled = ({ data }: Pick<Section, 'data'>): boolean =>
  'filled' in data && data.filled === true

const sized = (people: number, quick: boolean, filled?: boolean) =>
  `${people.toLocaleString('en')} people${filled ? ', asked for before' : ''}${quick ? ', quick' : ''}`

function readGoals({ data, quick }: Extract<Section, { kind: 'reads' }>): Goal[] {
  const at = sized(data.people, quick, data.filled)
  const ratios = Object.values(ratioGoals).map((goal: RatioGoal) => {
    const own = data.results.filter((result) => result.case === goal.case)
    return goalFrom(
      { ...goal, at },
      own.map(({ kith, bare }) => goal.of(kith) / goal.of(bare)),
      (value) => value.toFixed(2),
    )
  })
  const memory = goalFrom(
    { figure: 'resident memory, MB', at, bound: mostMemory, atMost: true },
    data.results.map(({ kith }) => kith.rss),
    (value) => (value / 1e6).toFixed(0),
  )
  return [...ratios, memory]
}

function sizeGoals({ data, quick }: Extract<Section, { kind: 'sizes' }>): Goal[] {
  const at = `${data.small.toLocaleString('en')} → ${sized(data.large, quick, data.filled)}`
  return [
    goalFrom(
      { figure: 'zipf: CPU time for a request, change', at, bound: mostChange, atMost: true },
      data.results.map(({ small, large }) => large.cpuPerRequest / small.cpuPerRequest - 1),
      (value) => `${(value * 100).toFixed(1)} %`,
    ),
  ]
}

function workerGoals({ data, quick }: Extract<Section, { kind: 'workers' }>): Goal[] {
  const { one, two, roomForAll, people } = data
  const at = sized(people, quick)
  const told = (value: number) => value.toFixed(2)
  const goal = { at, bound: leastGain, atMost: false }
  const measured = two.requestsPerSecond / one.requestsPerSecond
  const possible = two.requestsPerBusySecond / one.requestsPerBusySecond
  return [
    goalFrom({ ...goal, figure: 'two workers: requests/s, to one' }, [measured], told),
    ...(roomForAll
      ? []
      : [
          goalFrom(
            { ...goal, figure: 'two workers: the same by CPU time, a core for each' },
            [possible],
            told,
          ),
        ]),
  ]
}

interface Bound {
  readonly figure: string
  readonly at: string
  readonly bound: number
  readonly atMost: boolean
}

function goalFrom(
  { figure, at, bound, atMost }: Bound,
  values: readonly number[],
  told: (value: number) => string,
): Goal {
  const worst = atMost ? Math.max(...values) : Math.min(...values)
  return {
    figure,
    at,
    goal: `${atMost ? 'at most' : 'at least'} ${told(bound)}`,
    worst: told(worst),
    middle: told(median(values)),
    met: atMost ? worst <= bound : worst >= bound,
  }
}
