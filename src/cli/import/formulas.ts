// A spreadsheet takes a cell that begins with one of these for a formula, and runs it (OWASP, CSV injection).
const formula = /^'*\s*[=+\-@\t\r\n＝＋－＠]/
const escapedFormula = /^'+\s*[=+\-@\t\r\n＝＋－＠]/

/** A cell that no spreadsheet takes for a formula: an apostrophe before what would be one. */
export const escaped = (text: string): string => (formula.test(text) ? `'${text}` : text)

/** What {@link escaped} was given. An apostrophe before anything else is one. */
export const unescaped = (text: string): string =>
  escapedFormula.test(text) ? text.slice(1) : text
