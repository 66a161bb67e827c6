import { numberLimit } from '../../person/ids.ts'
import type { Mark } from '../dialect.ts'

/** 24 hex digits: 8 of a keyed hash of the person's number, then the number in 16. Nobody can make one up or count on from it. */
export const encodeId = (number: number, mark: Mark): string =>
  mark('rinkel id', String(number), 4) + number.toString(16).padStart(16, '0')

/** The number in an id of that form; `wrong` for one that is not ours, `malformed` for what is no id at all. */
export function decodeId(id: string, mark: Mark): number | 'wrong' | 'malformed' {
  if (!/^[0-9a-f]{24}$/i.test(id)) return 'malformed'
  const number = Number.parseInt(id.slice(8), 16)
  const ours = number > 0 && number < numberLimit && encodeId(number, mark) === id.toLowerCase()
  return ours ? number : 'wrong'
}
