import { describe, expect, it } from 'vitest'
import { Footprint, factOf } from './footprint.ts'
import { Recall } from './recall.ts'
import { Stamps } from './stamps.ts'

const one = factOf('person', 'one')
const other = factOf('person', 'other')
const always = 0

const footprintOf = (moment: number, ...facts: number[]): Footprint => {
  const footprint = new Footprint(moment)
  for (const fact of facts) footprint.reads(fact)
  return footprint
}

describe('a footprint', () => {
  it('stands until a fact in it changes, and not when another does', () => {
    const stamps = new Stamps()
    const footprint = footprintOf(stamps.moment, one)
    stamps.change([other])
    expect(stamps.stands(footprint, always)).toBe(true)
    stamps.change([one, other])
    expect(stamps.stands(footprint, always)).toBe(false)
    expect(stamps.stands(footprintOf(stamps.moment, one), always)).toBe(true)
  })

  it('does not stand when a fact changed after its moment, however it was read', () => {
    const stamps = new Stamps()
    const begun = new Footprint(stamps.moment)
    stamps.change([one])
    begun.reads(one)
    expect(stamps.stands(begun, always)).toBe(false)
  })

  it('stands no more once everything may have changed', () => {
    const stamps = new Stamps()
    const footprint = footprintOf(stamps.moment, one)
    stamps.changeAll()
    expect(stamps.stands(footprint, always)).toBe(false)
    expect(stamps.stands(footprintOf(stamps.moment, one), always)).toBe(true)
  })

  it('holds from its latest beginning until just before its earliest end', () => {
    const stamps = new Stamps()
    const footprint = footprintOf(stamps.moment, one)
    footprint.holds(100, 900)
    footprint.holds(200, 1000)
    expect([199, 200, 899, 900].map((now) => stamps.stands(footprint, now))).toEqual([
      false,
      true,
      true,
      false,
    ])
  })

  it('takes over all of another', () => {
    const stamps = new Stamps()
    const inner = footprintOf(stamps.moment, one)
    inner.holds(10, 20)
    const outer = footprintOf(stamps.moment, other, one)
    outer.includes(inner)
    expect(outer.facts).toEqual([other, one])
    expect(stamps.stands(outer, 20)).toBe(false)
    stamps.change([one])
    expect(stamps.stands(outer, 15)).toBe(false)
  })
})

describe('facts', () => {
  it('tell kinds and ids apart, and spread over their slots', () => {
    const kinds = ['person', 'presence', 'reportees', 'key'] as const
    const ids = Array.from({ length: 5000 }, () => crypto.randomUUID())
    const facts = new Set(kinds.flatMap((kind) => ids.map((id) => factOf(kind, id))))
    // 20,000 in 2^20 slots: chance alone makes about 190 of them share one.
    expect(facts.size).toBeGreaterThan(19_600)
    expect(factOf('person', 12)).toBe(factOf('person', '12'))
  })
})

describe('what is recalled', () => {
  const reading = (values: string[], facts: number[]) => async (own: Footprint) => {
    for (const fact of facts) own.reads(fact)
    return values.shift()
  }

  it('is read once, until something that it was read from changes', async () => {
    const stamps = new Stamps()
    const recall = new Recall<string | undefined>(stamps, () => always, 10)
    const read = reading(['first', 'second', 'third'], [one])
    const ask = () => recall.get('name', new Footprint(stamps.moment), read)
    expect(await ask()).toBe('first')
    expect(await ask()).toBe('first')
    stamps.change([other])
    expect(await ask()).toBe('first')
    stamps.change([one])
    expect(await ask()).toBe('second')
    expect(await ask()).toBe('second')
  })

  it('leaves its footprint in whatever it goes into, also when it was not read again', async () => {
    const stamps = new Stamps()
    const recall = new Recall<string | undefined>(stamps, () => always, 10)
    for (let time = 0; time < 2; time += 1) {
      const footprint = new Footprint(stamps.moment)
      await recall.get('name', footprint, reading(['value'], [one]))
      expect(footprint.facts).toEqual([one])
    }
  })

  it('is read every time where no change of it could be told', async () => {
    const stamps = new Stamps()
    const recall = new Recall<string | undefined>(stamps, () => always, 10)
    const read = reading(['first', 'second'], [])
    const ask = () => recall.get('name', new Footprint(stamps.moment), read)
    expect([await ask(), await ask()]).toEqual(['first', 'second'])
  })

  it('makes room for what is newer', async () => {
    const stamps = new Stamps()
    const recall = new Recall<string | undefined>(stamps, () => always, 2)
    const ask = (name: string, value: string) =>
      recall.get(name, new Footprint(stamps.moment), reading([value], [one]))
    await ask('a', 'a')
    await ask('b', 'b')
    await ask('c', 'c')
    expect(await ask('b', 'new')).toBe('b')
    expect(await ask('a', 'new')).toBe('new')
  })
})
