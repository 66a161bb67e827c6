// What node-sparky does when it is told to wait.
const { ask, personFrom, told } = require('./ask.cjs')
const Spark = require('node-sparky')

const spark = new Spark({ token: told.token, apiUrl: `${told.url}/` })

ask({ late: () => spark.personMe().then((me) => personFrom(me).id) })
