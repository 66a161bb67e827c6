// The demo's page: asks every dialect for one person with one viewer's key, and shows what comes back.

const data = await (await fetch('/demo.json')).json()
const find = (id) => document.getElementById(id)
const [input, list, answers, telling] = ['person', 'people', 'answers', 'telling'].map(find)

/** An element with attributes and children; text is always text, never markup. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value)
  element.append(...children)
  return element
}

const chosen = { person: data.people[0], viewer: data.viewers[0] }

// What was chosen is in the address, so that it can be shared and gone back to.

function readAddress() {
  const asked = new URLSearchParams(location.hash.slice(1))
  const person = data.people.find(({ userName }) => userName === asked.get('person'))
  const viewer = data.viewers.find(({ id }) => id === asked.get('as'))
  chosen.person = person ?? data.people.find(({ userName }) => userName === 'ada.byron')
  chosen.viewer = viewer ?? data.viewers.find(({ id }) => id === 'bob')
}

function choose(change) {
  Object.assign(chosen, change)
  history.replaceState(null, '', `#person=${chosen.person.userName}&as=${chosen.viewer.id}`)
  void show()
}

// The five answers.

const cards = new Map(
  data.dialects.map((dialect) => {
    const card = {
      status: make('span', { class: 'status' }),
      picture: make('img', { class: 'picture', alt: '', width: '36', height: '36', hidden: '' }),
      path: make('code', { class: 'path' }),
      fields: make('p', { class: 'fields' }),
      hidden: make('p', { class: 'hidden-fields' }),
      curl: make('code', { class: 'command' }),
      copy: make('button', { type: 'button', class: 'copy' }, 'Copy'),
      body: make('pre', { tabindex: '0', 'aria-label': `Answer in ${dialect.product}` }),
    }
    card.copy.setAttribute('aria-label', `Copy the curl command for ${dialect.product}`)
    card.copy.addEventListener('click', () => copy(card))
    const heading = make('h2', { id: `of-${dialect.name}` }, dialect.product)
    card.element = make(
      'section',
      { class: 'card', 'aria-labelledby': heading.id },
      make('div', { class: 'head' }, card.picture, heading, card.status),
      card.path,
      card.fields,
      card.hidden,
      make('div', { class: 'curl' }, card.curl, card.copy),
      card.body,
    )
    answers.append(card.element)
    return [dialect.name, card]
  }),
)

async function copy(card) {
  try {
    await navigator.clipboard.writeText(card.curl.textContent)
    card.copy.textContent = 'Copied'
  } catch {
    // No clipboard outside of localhost and https: selecting it is the next best.
    getSelection().selectAllChildren(card.curl)
    card.copy.textContent = 'Selected'
  }
  setTimeout(() => {
    card.copy.textContent = 'Copy'
  }, 1500)
}

/** Counts the times that something was chosen: an answer to an earlier choice comes too late. */
let round = 0

async function show() {
  round += 1
  const now = round
  const { person, viewer } = chosen
  input.value = person.name
  find(`as-${viewer.id}`).checked = true
  const results = await Promise.all(data.dialects.map((dialect) => showOne(dialect, now)))
  if (now !== round) return
  const granted = results.filter((status) => status === 200).length
  telling.replaceChildren(
    make('strong', {}, make('bdi', {}, person.name)),
    `, ${person.title} at ${person.organization}, asked for with `,
    viewer.key ? `the key of ${viewer.name}, ${viewer.meaning}: ` : 'no key: ',
    granted === 0 ? 'nobody answers.' : `${granted} of ${results.length} answer.`,
  )
}

async function showOne(dialect, now) {
  const card = cards.get(dialect.name)
  const { person, viewer } = chosen
  const path = person.paths[dialect.name]
  card.element.classList.toggle('absent', path === undefined)
  if (path === undefined) return showAbsent(card)
  const [answer, full] = await Promise.all([
    ask(dialect, path, viewer),
    referenceFor(dialect, person, viewer),
  ])
  if (now !== round) return answer.status
  card.status.textContent = answer.status
  card.status.dataset.kind = answer.status === 200 ? 'good' : 'bad'
  card.path.textContent = `GET ${path}`
  card.curl.textContent = curlFor(dialect, path, viewer)
  card.fields.textContent = fieldsTold(answer)
  card.hidden.replaceChildren(...hiddenTold(answer, full))
  card.body.replaceChildren(...(answer.text ? written(answer.body) : ['(empty)']))
  card.body.scrollTop = 0
  showPicture(card, pictureIn(answer.body))
  return answer.status
}

function showPicture({ picture }, address) {
  picture.hidden = address === undefined
  if (address !== undefined) picture.src = address
}

/** Where in an answer there is the address of a picture that opens without a key, on whatever host this page is. */
function pictureIn(value) {
  if (typeof value === 'object' && value !== null) {
    return Object.values(value).map(pictureIn).find(Boolean)
  }
  const kept = /\/pictures\/|\/avatar\/(small|large)\?/.test(value)
  const url = typeof value === 'string' && kept ? URL.parse(value, location.href) : null
  return url ? url.pathname + url.search : undefined
}

function showAbsent(card) {
  showPicture(card, undefined)
  card.status.textContent = ''
  card.path.textContent = 'No path'
  card.fields.textContent = 'Read in an event, which this person does not attend.'
  card.hidden.replaceChildren()
  card.body.replaceChildren()
  return undefined
}

async function ask(dialect, path, { key }) {
  const headers = key ? { [dialect.header]: dialect.before + key } : {}
  try {
    const reply = await fetch(path, { headers, credentials: 'omit', cache: 'no-store' })
    const text = await reply.text()
    return { status: reply.status, text, body: text && JSON.parse(text) }
  } catch (error) {
    return { status: 'no answer', text: '?', body: String(error) }
  }
}

/** The whole person, from the one who sees all of them; to tell what the viewer does not get. */
async function referenceFor(dialect, person, viewer) {
  const full = data.viewers.find(({ id }) => id === person.seenInFullBy)
  if (!full || full === viewer) return undefined
  const answer = await ask(dialect, person.paths[dialect.name], full)
  return answer.status === 200 ? answer : undefined
}

const curlFor = (dialect, path, { key }) =>
  ['curl -s', key && dialect.curl.replace('KEY', key), location.origin + path]
    .filter(Boolean)
    .join(' ')

/** The person inside of an answer: some vendors wrap it. */
const personIn = ({ body }) => body?._data ?? body?.response ?? body?.data ?? body ?? {}

const isEmpty = (value) =>
  value === undefined ||
  value === null ||
  value === '' ||
  (typeof value === 'object' && Object.keys(value).length === 0)

function filledIn(answer) {
  const fields = Object.entries(personIn(answer))
  return new Set(fields.filter(([, value]) => !isEmpty(value)).map(([name]) => name))
}

const counted = (count, word) => `${count} ${word}${count === 1 ? '' : 's'}`

function fieldsTold(answer) {
  if (answer.status !== 200) return 'No fields'
  const all = Object.keys(personIn(answer)).length
  const filled = filledIn(answer).size
  return all > filled ? `${filled} of ${counted(all, 'field')} filled` : counted(all, 'field')
}

function hiddenTold(answer, full) {
  if (!full || answer.status !== 200) return []
  const seen = filledIn(answer)
  const missing = [...filledIn(full)].filter((name) => !seen.has(name))
  // Two steps down are enough to see what is meant.
  const paths = differences(personIn(full), personIn(answer)).map((path) =>
    path.split('.').slice(0, 2).join('.'),
  )
  const other = [...new Set(paths)].filter((path) => !missing.includes(path.split('.')[0]))
  const told = (label, names) =>
    names.length === 0 ? [] : [make('span', {}, `${label}: ${names.join(', ')}`), make('br')]
  return [...told('Not for this viewer', missing), ...told('Otherwise for this viewer', other)]
}

/** The dotted paths at which both have something, and not the same; addresses are each viewer's own. */
function differences(one, other, before = '') {
  return Object.entries(one).flatMap(([name, value]) => {
    const [path, twin] = [before + name, other?.[name]]
    if (isEmpty(value) || isEmpty(twin) || /^(https?:\/|\/)/.test(value)) return []
    const nested = typeof value === 'object' && !Array.isArray(value)
    if (nested) return differences(value, twin, `${path}.`)
    return JSON.stringify(value) === JSON.stringify(twin) ? [] : [path]
  })
}

/** JSON as lines, each of which knows how deep it stands, so that what wraps stays below it. */
function written(value, depth = 0, before = [], after = '') {
  const line = (at, ...parts) => {
    const element = make('span', { class: 'line' }, ...parts, '\n')
    element.style.setProperty('--depth', at)
    return element
  }
  const entries = typeof value === 'object' && value !== null ? Object.entries(value) : []
  if (entries.length === 0) return [line(depth, ...before, scalar(value), after)]
  const [open, close] = Array.isArray(value) ? '[]' : '{}'
  const inner = entries.flatMap(([name, item], index) => {
    const key = open === '{' ? [make('span', { class: 'key' }, JSON.stringify(name)), ': '] : []
    return written(item, depth + 1, key, index < entries.length - 1 ? ',' : '')
  })
  return [line(depth, ...before, open), ...inner, line(depth, close, after)]
}

function scalar(value) {
  const text = JSON.stringify(value)
  // An id has no place to break at; words do.
  const long = /\S{24}/.test(text) ? ' long' : ''
  return make('span', { class: (value === null ? 'null' : typeof value) + long }, text)
}

// Choosing the viewer.

find('viewers').append(
  ...data.viewers.map((viewer) => {
    const radio = make('input', { type: 'radio', name: 'as', id: `as-${viewer.id}` })
    radio.addEventListener('change', () => choose({ viewer }))
    return make(
      'label',
      { title: viewer.meaning },
      radio,
      make('span', {}, make('b', {}, viewer.label), make('small', {}, viewer.name)),
    )
  }),
)

// Choosing the person: a combobox as the ARIA practices describe it.

const plain = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
const options = data.people.map((person, index) => {
  const option = make(
    'div',
    { role: 'option', id: `person-${index}` },
    make('b', {}, make('bdi', {}, person.name)),
    make('small', {}, `${person.userName} · ${person.title}, ${person.organization}`),
  )
  const names = plain(`${person.name} ${person.userName}`)
  const words = `${names} ${plain(`${person.title} ${person.organization}`)}`
  option.addEventListener('pointerdown', (event) => {
    event.preventDefault()
    pick(person)
  })
  return { person, option, names, words }
})
const none = make('div', { class: 'none' }, 'Nobody is called that')

let matches = []
let active = -1

function open(filter) {
  const wanted = plain(filter).trim().split(/\s+/)
  const found = options.filter(({ words }) => wanted.every((word) => words.includes(word)))
  matches = found.sort((one, other) => rank(one, wanted) - rank(other, wanted))
  list.replaceChildren(...(matches.length > 0 ? matches.map(({ option }) => option) : [none]))
  list.hidden = false
  input.setAttribute('aria-expanded', 'true')
  const current = filter === '' ? matches.findIndex(({ person }) => person === chosen.person) : 0
  activate(matches.length > 0 ? Math.max(current, 0) : -1)
}

/** Names that begin so come first, then whatever has words that do, then what has the letters anywhere. */
function rank({ names, words }, wanted) {
  const begins = (text) =>
    wanted.every((word) => ` ${text.replace(/[.@]/g, ' ')}`.includes(` ${word}`))
  if (begins(names)) return 0
  return begins(words) ? 1 : 2
}

function close() {
  list.hidden = true
  input.setAttribute('aria-expanded', 'false')
  input.removeAttribute('aria-activedescendant')
  input.value = chosen.person.name
}

function activate(index) {
  matches[active]?.option.removeAttribute('aria-selected')
  for (const { option } of options) option.removeAttribute('aria-selected')
  active = index
  const option = matches[index]?.option
  if (!option) return input.removeAttribute('aria-activedescendant')
  option.setAttribute('aria-selected', 'true')
  option.scrollIntoView({ block: 'nearest' })
  input.setAttribute('aria-activedescendant', option.id)
}

function pick(person) {
  chosen.person = person
  close()
  choose({ person })
}

const step = (by) => activate((active + by + matches.length) % (matches.length || 1))
const keys = {
  ArrowDown: () => (list.hidden ? open('') : step(1)),
  ArrowUp: () => (list.hidden ? open('') : step(-1)),
  Enter: () => (list.hidden ? open('') : matches[active] && pick(matches[active].person)),
  Escape: () => close(),
}

input.addEventListener('input', () => open(input.value))
input.addEventListener('click', () => {
  input.select()
  if (list.hidden) open('')
})
input.addEventListener('blur', close)
input.addEventListener('keydown', (event) => {
  if (event.isComposing || !Object.hasOwn(keys, event.key)) return
  event.preventDefault()
  keys[event.key]()
})

addEventListener('hashchange', () => {
  close()
  readAddress()
  void show()
})
find('count').textContent =
  ['no', 'one', 'two', 'three', 'four', 'five'][data.dialects.length] ?? data.dialects.length
readAddress()
await show()
