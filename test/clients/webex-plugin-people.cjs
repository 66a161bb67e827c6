// @webex/plugin-people where there are many: pages, and batches of ids one after the other.
const { ask, personFrom, told } = require('./ask.cjs')
require('@webex/plugin-people')
const { default: WebexCore } = require('@webex/webex-core')

const webex = new WebexCore({ credentials: { access_token: told.token } })
const { people } = webex
const { crowd, mail } = told.ids
const idsOf = (all) => all.map((person) => personFrom(person).id)

async function walked(options) {
  const ids = []
  let page = await people.list(options)
  for (;;) {
    ids.push(...idsOf(page.items))
    if (!page.hasNext()) return ids
    page = await page.next()
  }
}

webex.once('ready', () =>
  ask({
    me: () => people.get('me').then((me) => personFrom(me).id),
    byMail: () => people.list({ email: mail }).then(({ items }) => idsOf(items)),
    walked: () => walked({ displayName: 'Of Thecrowd', max: 100 }),
    smaller: () => walked({ displayName: 'Of Thecrowd', max: 300, showAllTypes: false }),
    batched: () => people.list(crowd.slice(0, 45)).then(idsOf),
    apart: () => Promise.all(crowd.slice(45, 70).map((id) => people.get(id))).then(idsOf),
  }),
)
