/**
 * What is stored is not what was written: a page, a row or a record that can't be right. Whoever meets it answers
 * nothing made of it, and the store says from then on that it is not ready.
 */
export class Damaged extends Error {
  override readonly name = 'Damaged'
}
