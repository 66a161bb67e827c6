// What the scripts of this folder have in common. Each asks a vendor's client some questions, one after the other
// and each within a time limit, and prints what came of them as one line of JSON.
const assert = require('node:assert/strict')
const net = require('node:net')

/** Milliseconds; a question that is not answered by then hangs. */
const patience = 5_000

/** Hosts that a client tried to reach beside the server that it was told of. */
const strayed = []
const connect = net.Socket.prototype.connect
net.Socket.prototype.connect = function connectHere(...args) {
  const [first, second] = Array.isArray(args[0]) ? args[0] : args
  const host = typeof first === 'object' ? first.host : second
  if (host === '127.0.0.1') return connect.apply(this, args)
  strayed.push(String(host))
  process.nextTick(() => this.destroy(new Error(`${host} is not this machine`)))
  return this
}

/** What the test tells this script: `{ url, token, ids }`. */
exports.told = JSON.parse(process.argv[2])

/** @param {Record<string, () => PromiseLike<unknown>>} questions */
exports.ask = async (questions) => {
  const answers = {}
  for (const [name, question] of Object.entries(questions)) answers[name] = await outcome(question)
  console.log(JSON.stringify({ answers, strayed }))
}

async function outcome(question) {
  const { promise: late, resolve } = Promise.withResolvers()
  const timer = setTimeout(resolve, patience, { hangs: true })
  const asked = Promise.try(question).then(
    (got) => ({ got }),
    (error) => ({ failed: toldFrom(error) }),
  )
  const settled = await Promise.race([asked, late])
  clearTimeout(timer)
  return settled
}

function toldFrom(error) {
  if (!(error instanceof Error)) return error
  const { name, message, statusCode, code, type } = error
  return { name, message, status: statusCode ?? code, type }
}

/** The person, if they are what the clients' documentation says a person is. */
exports.personFrom = (person) => {
  for (const field of ['id', 'displayName', 'orgId', 'created', 'type']) {
    assert.equal(typeof person[field], 'string', field)
  }
  assert.match(person.id, /^[\w-]+$/)
  assert.ok(Array.isArray(person.emails))
  for (const email of person.emails) assert.equal(typeof email, 'string')
  assert.equal(new Date(person.created).toISOString(), person.created)
  for (const [field, value] of Object.entries(person)) assert.notEqual(value, null, field)
  return person
}
