/** The form in which names that must be unique are compared: compatibility forms and case do not count. */
export const folded = (text: string): string => text.normalize('NFKC').toLowerCase()

/** Control characters and lone surrogates, which no name, id or address may hold. */
export const hasControls = (text: string): boolean => /\p{Cc}/u.test(text) || !text.isWellFormed()
