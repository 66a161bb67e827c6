import { Failure } from '../../failure.ts'

/** What a list is asked for. */
export interface Page {
  /** From 1. */
  readonly page: number
  readonly perPage: number
  readonly avatars: boolean
}

const usual = 10
const most = 100

/** A page that is too large is refused: were it cut, who counts on its size would take it for the last. @throws invalid */
export function pageFrom(query: URLSearchParams): Page {
  const perPage = countFrom(query, 'per-page', usual)
  if (perPage > most) throw new Failure('invalid', `per-page: at most ${most}`)
  return { page: countFrom(query, 'page', 1), perPage, avatars: flagFrom(query, 'includeAvatars') }
}

function countFrom(query: URLSearchParams, name: string, otherwise: number): number {
  const text = query.get(name)
  if (text === null || text === '') return otherwise
  if (/^[1-9]\d{0,8}$/.test(text)) return Number(text)
  throw new Failure('invalid', `${name}: a whole number from 1 is wanted`)
}

function flagFrom(query: URLSearchParams, name: string): boolean {
  const text = query.get(name)
  if (text === null || text === '' || text === 'false') return false
  if (text === 'true') return true
  throw new Failure('invalid', `${name}: true or false is wanted`)
}
