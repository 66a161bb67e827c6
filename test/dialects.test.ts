import { readdirSync } from 'node:fs'
import { expect, it } from 'vitest'
import { spoken as dialects } from '../src/dialects/index.ts'
import { defaultAudiences } from '../src/privacy/rules.ts'

it('has every dialect’s folder in the list, under its own name', () => {
  const folders = readdirSync('src/dialects', { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
  expect(dialects.map(({ name }) => name).sort()).toEqual(folders.sort())
})

it('gives every dialect paths that no other has', () => {
  const places = dialects.flatMap(({ roots, prefix }) => [...roots, prefix])
  for (const place of places) {
    expect(places.filter((other) => `${other}/`.startsWith(`${place}/`))).toEqual([place])
  }
})

it('serves no route outside its dialect’s paths', () => {
  // Our own has no paths but those below its prefix, and they are written without it.
  for (const { roots, routes } of dialects.filter(({ name }) => name !== 'house')) {
    for (const { path } of routes) {
      expect(roots.some((root) => `${path}/`.startsWith(`${root}/`))).toBe(true)
    }
  }
})

it('lets every dialect decide for its bag by the groups there are', () => {
  const known = [...Object.keys(defaultAudiences), 'own', 'administrators', 'internal']
  for (const { extension = {} } of dialects) {
    expect(Object.values(extension).filter((rule) => !known.includes(rule))).toEqual([])
  }
})
