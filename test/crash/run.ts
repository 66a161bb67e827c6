import { parseArgs } from 'node:util'
import { crash } from './crash.ts'

// `npm run crash -- --times 200 --seed 1`
const { values } = parseArgs({
  options: { times: { type: 'string', default: '20' }, seed: { type: 'string' } },
})
const seed = values.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(values.seed)
const started = performance.now()
console.log(`seed ${seed}`)
const seen = await crash({ times: Number(values.times), seed, say: console.log })
const seconds = Math.round((performance.now() - started) / 1000)
console.log(`Nothing was lost and nothing was there by half, in ${seconds} s:`)
console.log(JSON.stringify(seen, undefined, 2))
