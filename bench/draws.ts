import { createRandom } from '../src/demo/random.ts'

/** How the people who are asked for are chosen: some far more often than others, all alike, or each in turn. */
export type Distribution = 'zipf' | 'uniform' | 'each'

/**
 * Who is at each rank of popularity: every index below `people` once, in an order that depends on the seed alone,
 * so that those who are asked for most are not neighbours in the file.
 */
export function ranking(people: number, seed: number): Uint32Array {
  const random = createRandom(seed)
  const order = Uint32Array.from({ length: people }, (_, index) => index)
  for (let left = people; left > 1; left -= 1) {
    const chosen = random.below(left)
    const last = order[left - 1] ?? 0
    order[left - 1] = order[chosen] ?? 0
    order[chosen] = last
  }
  return order
}

/** `count` ranks below `ranks`, the same for the same seed. Zipf has the exponent 1: rank r comes up in proportion to 1 / (r + 1). */
export function draws(
  distribution: Distribution,
  ranks: number,
  count: number,
  seed: number,
): Uint32Array {
  if (distribution === 'each')
    return Uint32Array.from({ length: count }, (_, index) => index % ranks)
  const random = createRandom(seed)
  if (distribution === 'uniform') {
    return Uint32Array.from({ length: count }, () => random.below(ranks))
  }
  const cumulative = new Float64Array(ranks)
  let sum = 0
  for (let rank = 0; rank < ranks; rank += 1) {
    sum += 1 / (rank + 1)
    cumulative[rank] = sum
  }
  const precision = 2 ** 32
  return Uint32Array.from({ length: count }, () =>
    firstAbove(cumulative, (random.below(precision) / precision) * sum),
  )
}

/** The first place in a rising list that holds more than `value`. */
function firstAbove(rising: Float64Array, value: number): number {
  let low = 0
  let high = rising.length - 1
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((rising[middle] ?? 0) > value) high = middle
    else low = middle + 1
  }
  return low
}
