// node-sparky as it comes from the registry, which needs writable-fs.cjs before it.
const { ask, personFrom, told } = require('./ask.cjs')
const Spark = require('node-sparky')

const spark = new Spark({ token: told.token, apiUrl: `${told.url}/` })
const { ada, uuid, padded, many, unknown, garbage } = told.ids

ask({
  me: () => spark.personMe().then(personFrom),
  one: () => spark.personGet(ada).then(personFrom),
  byUuid: () => spark.personGet(uuid).then(personFrom),
  byPadded: () => spark.personGet(padded).then(personFrom),
  many: () => spark.peopleGet({ id: many.join() }).then((all) => all.map(personFrom)),
  unknown: () => spark.personGet(unknown),
  garbage: () => spark.personGet(garbage),
  mixed: () =>
    spark.peopleGet({ id: [unknown, ada, garbage].join() }).then((all) => all.map(personFrom)),
  unfiltered: () => spark.peopleGet(),
})
