import { newEmail } from '../person/emails.ts'
import type { Email, Phone } from '../person/person.ts'
import { newPhone } from '../person/phones.ts'
import type { Random } from './random.ts'

/** A block of numbers that its country keeps free for fiction, or that nobody was given. */
interface Block {
  readonly prefix: string
  readonly digits: number
  readonly first: number
}

const london: Block = { prefix: '+44 20 7946 0', digits: 3, first: 100 }

const offices: Readonly<Record<string, Block>> = {
  GB: london,
  US: { prefix: '+1 202 555 01', digits: 2, first: 10 },
  NL: { prefix: '+31 85 000 0', digits: 3, first: 100 },
  DE: { prefix: '+49 30 23125 ', digits: 3, first: 100 },
  FR: { prefix: '+33 1 99 00 12 ', digits: 2, first: 10 },
  SE: { prefix: '+46 8 465 004 ', digits: 2, first: 10 },
}

const mobiles: Block = { prefix: '+44 7700 900', digits: 3, first: 100 }

export interface PhoneBook {
  /** A number at the office nearest to that country; head office in London where there is none. */
  work(countryCode: string): Phone
  mobile(): Phone
  extension(): Phone
}

/** Gives every number out once. */
export function createPhoneBook(random: Random): PhoneBook {
  const given = new Map<Block, number>()
  const next = (block: Block) => {
    const count = given.get(block) ?? 0
    given.set(block, count + 1)
    return block.prefix + String(block.first + count).padStart(block.digits, '0')
  }
  const phone = (...parameters: Parameters<typeof newPhone>): Phone => ({
    ...newPhone(...parameters),
    id: random.uuid(),
  })
  let extension = 4100
  return {
    work: (countryCode) =>
      phone(next(offices[countryCode] ?? london), { type: 'work', primary: true, verified: true }),
    mobile: () => phone(next(mobiles), { type: 'mobile' }),
    extension: () => phone(String(++extension), { type: 'work_extension' }),
  }
}

export const emailAt = (
  random: Random,
  address: string,
  createdAt: string,
  type: 'work' | 'home' = 'work',
): Email => ({
  ...newEmail(address, createdAt, { type, primary: type === 'work', verified: type === 'work' }),
  id: random.uuid(),
})
