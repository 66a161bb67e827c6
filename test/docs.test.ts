import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { settings, switchVariable } from '../src/config.ts'
import { dialects } from '../src/dialects/index.ts'
import { Person } from '../src/person/person.ts'
import { defaultAudiences, knownRules, personRules } from '../src/privacy/rules.ts'

const read = (path: string) => readFileSync(path, 'utf8')
const manifest = JSON.parse(read('package.json'))

/** The rows of every table in a document, cell by cell. */
const rowsOf = (path: string): string[][] =>
  read(path)
    .split('\n')
    .filter((line) => line.startsWith('|'))
    .map((line) =>
      line
        .split(/(?<!\\)\|/)
        .slice(1, -1)
        .map((cell) => cell.trim()),
    )

describe('the README', () => {
  it('lists every setting as it is', () => {
    const rows = rowsOf('README.md').filter(([variable]) => variable?.startsWith('`KITH_'))
    expect(rows).toEqual(
      settings.map(({ variable, flag, default: value, meaning }) => [
        `\`${variable}\``,
        `\`${flag}\``,
        value && `\`${value}\``,
        meaning,
      ]),
    )
  })

  it('draws the tree as it is', () => {
    const [, tree = ''] = /## The tree\n\n```\n([^`]*)```/.exec(read('README.md')) ?? []
    const drawn = tree
      .trim()
      .split('\n')
      .map((line) => line.split(/\s/)[0] ?? '')
    for (const path of drawn) expect(existsSync(path)).toBe(true)
    const rooms = readdirSync('src').map(
      (name) => `src/${name}${statSync(`src/${name}`).isDirectory() ? '/' : ''}`,
    )
    const source = (path: string) => path.startsWith('src/') && !path.endsWith('.test.ts')
    expect(drawn.filter(source).sort()).toEqual(rooms.filter(source).sort())
  })

  it('begins with commands that there are', () => {
    for (const [, script = ''] of read('README.md').matchAll(/npm run (\w+)/g)) {
      expect(Object.keys(manifest.scripts)).toContain(script)
    }
    expect(manifest.scripts).toHaveProperty('test')
  })

  it('names every dialect', () => {
    for (const { product, name, prefix } of dialects) {
      const row = rowsOf('README.md').find((cells) =>
        cells.at(-1)?.includes(`src/dialects/${name}/README.md`),
      )
      expect(row?.join()).toContain(`\`${prefix}\``)
      expect(read('README.md')).toContain(product.replace(/ (Users|People)$/, ''))
    }
  })
})

it('lists every switch of every dialect as it is', () => {
  const word = (value: boolean) => (value ? 'on' : 'off')
  const rows = rowsOf('docs/dialects/README.md').slice(2)
  expect(rows).toEqual(
    dialects.flatMap(({ name, switches }) =>
      Object.entries(switches).map(([one, { default: value, seed, effect }]) => [
        name,
        `\`${one}\``,
        `\`${switchVariable(name, one)}\``,
        word(value),
        word(seed),
        effect,
      ]),
    ),
  )
})

describe('docs/record.md', () => {
  const rows = rowsOf('docs/record.md')

  it('has every field of the record once, with the audience that it has', () => {
    const fields = rows.filter((cells) => cells.length === 5 && cells[0]?.startsWith('`'))
    const told = Object.fromEntries(
      fields.map(([field = '', , , , audience]) => [field.replaceAll('`', ''), audience]),
    )
    expect(told).toEqual({ ...personRules, ...knownRules })
    expect(fields).toHaveLength(
      Object.keys(Person.properties).length + Object.keys(knownRules).length,
    )
  })

  it('tells the default audience of every group', () => {
    const told = rows
      .filter((cells) => cells[2] === '')
      .flatMap(([group = '', audience, , other = '', another]) => [
        [group, audience],
        [other, another],
      ])
      .filter(([group = '']) => group in defaultAudiences)
    expect(Object.fromEntries(told)).toEqual(defaultAudiences)
  })

  it('has every field of every extension bag, with the audience that it has', () => {
    const told = rows
      .filter((cells) => cells.length === 4 && dialects.some(({ name }) => name === cells[0]))
      .map(([dialect, field = '', , audience]) => [dialect, field.replaceAll('`', ''), audience])
    const real = dialects.flatMap(({ name, extension = {} }) =>
      Object.entries(extension).map(([field, rule]) => [name, field, rule]),
    )
    expect(told.sort()).toEqual(real.sort())
  })
})

it('tests every fault that docs/reliability.md tells of, and tells of every one that is tested', () => {
  const told = rowsOf('docs/reliability.md').filter((cells) => cells.length === 5)
  const tested = [
    ...read('test/faults/faults.test.ts').matchAll(/^ *(?:it\(|)'(the|a|another)([^']*)'/gm),
  ]
  expect(told.slice(2).map(([what]) => what)).toEqual(
    tested.map(([, article, rest]) => `${article}${rest}`),
  )
})

describe('the documents', () => {
  const documents = [
    '.',
    'docs',
    'docs/decisions',
    'docs/dialects',
    ...dialects.map(({ name }) => `src/dialects/${name}`),
  ]
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => path.endsWith('.md'))

  it.each(documents)('%s links to what is there', (path) => {
    for (const [, target = ''] of read(path).matchAll(/\]\((?!https?:)([^)#]+)/g)) {
      expect(existsSync(join(dirname(path), target)), target).toBe(true)
    }
  })

  it('give each dependency a line', () => {
    const told = read('docs/decisions/001-dependencies.md')
    const all = Object.keys({ ...manifest.dependencies, ...manifest.devDependencies })
    for (const name of all.filter((one) => !one.startsWith('@types/')))
      expect(told).toContain(`\`${name}\``)
  })
})

it('gives every dialect a README with its switches and what is unverified', () => {
  for (const { name, switches } of dialects) {
    const text = read(`src/dialects/${name}/README.md`)
    expect(text).toContain('Not yet')
    expect(text).toContain('nverified')
    for (const one of Object.keys(switches)) {
      expect(text.includes(`\`${one}\``) || text.includes(switchVariable(name, one))).toBe(true)
    }
  }
})
