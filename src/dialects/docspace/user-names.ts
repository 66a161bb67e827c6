import { randomInt } from 'node:crypto'
import { userNameProblem } from '../../person/user-names.ts'

/** User names for somebody with that e-mail address, the best first: as the vendor, what is before the `@`. */
export function userNamesFor(email: string): readonly string[] {
  const name = email.trim().slice(0, email.trim().lastIndexOf('@')).slice(0, 200)
  const numbers = [1, 2, 3, 4, 5, randomInt(1_000, 1_000_000), randomInt(1_000, 1_000_000)]
  return [name, ...numbers.map((number) => `${name}${number}`)].filter(
    (one) => userNameProblem(one) === undefined,
  )
}
