// @webex/plugin-people as it comes from the registry. It reads HYDRA_SERVICE_URL as it loads.
const { ask, personFrom, told } = require('./ask.cjs')
require('@webex/plugin-people')
const { default: WebexCore } = require('@webex/webex-core')

// For each id that was not found the plugin rejects the promise that it gave out, and one that nobody holds.
process.on('unhandledRejection', (reason) => {
  if (typeof reason !== 'string') throw reason
})

const webex = new WebexCore({ credentials: { access_token: told.token } })
const { people } = webex
const { ada, uuid, many, unknown, unknownUuid, garbage } = told.ids

webex.once('ready', () =>
  ask({
    me: () => people.get('me').then(personFrom),
    one: () => people.get(ada).then(personFrom),
    byRecord: () => people.get({ id: ada }).then(personFrom),
    byUuid: () => people.get(uuid).then(personFrom),
    many: () => people.list(many).then((all) => all.map(personFrom)),
    page: () => people.list({ id: many.join() }).then(({ items }) => items.map(personFrom)),
    unknown: () => people.get(unknown),
    unknownUuid: () => people.get(unknownUuid),
    garbage: () => people.get(garbage),
    mixed: () => Promise.allSettled([unknown, ada, garbage, uuid].map((id) => people.get(id))),
    unfiltered: () => people.list({}),
  }),
)
