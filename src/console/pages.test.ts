import { expect, it } from 'vitest'
import { consolePages } from './pages.ts'

const pages = consolePages({ dialects: [], viewers: [], people: [] })
const textAt = (path: string) => Buffer.from(pages.get(path)?.body ?? []).toString()

it('loads nothing but what is among the pages', () => {
  const html = textAt('/')
  const linked = [...html.matchAll(/(?:src|href)="([^"]*)"/g)].map(([, address = '']) => address)
  const fetched = [...textAt('/kith.js').matchAll(/fetch\('([^']*)'/g)].map(([, path = '']) => path)
  expect(linked.length + fetched.length).toBeGreaterThan(3)
  for (const address of [...linked, ...fetched]) expect([...pages.keys()]).toContain(address)
})

it('forbids inline code and other origins, and has none', () => {
  for (const { headers } of pages.values()) {
    expect(headers['content-security-policy']).toContain("default-src 'none'")
    expect(headers['content-security-policy']).not.toContain('unsafe')
  }
  expect(textAt('/')).not.toMatch(/<style|style=|<script>|\son\w+=/)
  expect(textAt('/kith.css')).not.toMatch(/url\(|@import/)
})

it('says what each page is', () => {
  const types = [...pages].map(([path, { headers }]) => [path, headers['content-type']])
  expect(Object.fromEntries(types)).toEqual({
    '/': 'text/html; charset=utf-8',
    '/kith.css': 'text/css; charset=utf-8',
    '/kith.js': 'text/javascript; charset=utf-8',
    '/kith.svg': 'image/svg+xml; charset=utf-8',
    '/demo.json': 'application/json; charset=utf-8',
  })
})
