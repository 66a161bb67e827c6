// All that node-sparky does with people, as an administrator does it.
const { ask, personFrom, told } = require('./ask.cjs')
const Spark = require('node-sparky')

const spark = new Spark({ token: told.token, apiUrl: `${told.url}/` })
const { ada, mail } = told.ids
const idsOf = (people) => people.map((person) => personFrom(person).id)

/** Whom it adds. */
let added

ask({
  everybody: () => spark.peopleGet().then(idsOf),
  crowd: () => spark.peopleGet({ displayName: 'Of Thecrowd' }).then((all) => all.length),
  some: () => spark.peopleGet({ displayName: 'Of Thecrowd' }, 250).then((all) => all.length),
  byMail: () => spark.peopleGet({ email: mail }).then(idsOf),
  add: async () => {
    added = await spark.personAdd({
      ...{ displayName: 'Any Person', firstName: 'Any', lastName: 'Person' },
      ...{ emails: ['any.person@home.example'], avatar: 'https://pictures.example/any.png' },
    })
    return personFrom(added).displayName
  },
  read: () => spark.personGet(added.id).then((person) => person.emails),
  update: () => spark.personUpdate({ ...added, title: 'GM' }).then((person) => person.title),
  another: () => spark.personGet(ada).then((her) => spark.personUpdate({ ...her, title: 'GM' })),
  remove: () => spark.personRemove(added.id),
  removed: () => spark.personGet(added.id),
})
