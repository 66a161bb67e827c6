/** Chance that comes out the same every time: one seed, one demo. Nothing secret is ever made with it. */
export interface Random {
  /** From 0 up to, not including, `limit`. */
  below(limit: number): number
  chance(probability: number): boolean
  pick<Item>(list: readonly [Item, ...Item[]]): Item
  /** `count` different ones of `list`, in its order. */
  sample<Item>(list: readonly Item[], count: number): Item[]
  shuffled<Item>(list: readonly Item[]): Item[]
  /** Shaped like a version 4 UUID. */
  uuid(): string
  /** 52 bits, never 0. */
  number(): number
}

export function createRandom(seed: number): Random {
  let state = seed >>> 0

  // mulberry32: 32 good bits a step from 32 bits of state, which is plenty for names and numbers.
  function bits(): number {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return (mixed ^ (mixed >>> 14)) >>> 0
  }

  const random: Random = {
    below: (limit) => Math.floor((bits() / 2 ** 32) * limit),
    chance: (probability) => bits() / 2 ** 32 < probability,
    pick: (list) => list[random.below(list.length)] ?? list[0],
    sample(list, count) {
      const chosen = new Set(random.shuffled(list).slice(0, count))
      return list.filter((item) => chosen.has(item))
    },
    shuffled(list) {
      const left = [...list]
      return list.flatMap(() => left.splice(random.below(left.length), 1))
    },
    uuid() {
      const hex = Array.from({ length: 4 }, () => bits().toString(16).padStart(8, '0')).join('')
      const variant = '89ab'[random.below(4)]
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20)}`
    },
    number: () => random.below(2 ** 26) * 2 ** 26 + random.below(2 ** 26) || random.number(),
  }
  return random
}
