import { readFileSync } from 'node:fs'

/** What the page can ask, and as whom. It is given to whoever opens the page, keys and all. */
export interface PageData {
  readonly dialects: readonly {
    readonly name: string
    readonly product: string
    /** How a browser sends a key: in this header, after this text. */
    readonly header: string
    readonly before: string
    /** How `curl` does; `KEY` stands for the key. */
    readonly curl: string
  }[]
  readonly viewers: readonly {
    readonly id: string
    /** A word for them, their name, and what they are to the rest. */
    readonly label: string
    readonly name: string
    readonly meaning: string
    /** Absent for who has none. */
    readonly key?: string
  }[]
  readonly people: readonly {
    readonly name: string
    readonly userName: string
    readonly title: string
    readonly organization: string
    /** The paths to read them at, by dialect; none where they can't be read in it. */
    readonly paths: Readonly<Record<string, string>>
    /** The viewer who sees all of them, to tell what the others do not. */
    readonly seenInFullBy?: string
  }[]
}

interface Page {
  readonly headers: Readonly<Record<string, string>>
  readonly body: Uint8Array
}

const security = {
  'content-security-policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
}

const page = (type: string, body: Uint8Array): Page => ({
  headers: { ...security, 'content-type': `${type}; charset=utf-8`, 'cache-control': 'no-cache' },
  body,
})

/** The page at `/` with all that it needs, by path. */
export function consolePages(data: PageData): ReadonlyMap<string, Page> {
  return new Map([
    ['/', page('text/html', readFileSync(new URL('./page.html', import.meta.url)))],
    ['/kith.css', page('text/css', readFileSync(new URL('./kith.css', import.meta.url)))],
    ['/kith.js', page('text/javascript', readFileSync(new URL('./kith.js', import.meta.url)))],
    ['/kith.svg', page('image/svg+xml', readFileSync(new URL('./kith.svg', import.meta.url)))],
    ['/demo.json', page('application/json', Buffer.from(JSON.stringify(data)))],
  ])
}
