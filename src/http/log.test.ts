import { spawnSync } from 'node:child_process'
import { closeSync, existsSync, openSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { createLog, type LogParts } from './log.ts'

/** All that is told of the same request by our own hand, and by pino. */
function twice(parts: LogParts, line: Parameters<ReturnType<typeof createLog>['request']>[0]) {
  const lines: string[] = []
  const log = createLog('info', { ...parts, destination: { write: (text) => lines.push(text) } })
  log.request(line)
  log.info(line)
  return lines.map((text) => text.replace(/"time":"[^"]+"/, '"time":""'))
}

const request = {
  requestId: 'req-1z',
  dialect: 'webex',
  route: '/v1/people/:personId',
  client: '192.0.2.0/24',
  method: 'GET',
  status: 200,
  ms: 0.125,
}

it.each([
  ['all there is to tell', {}, request],
  ['no dialect and no route', {}, { ...request, dialect: undefined, route: undefined }],
  ['a worker', { worker: 3 }, request],
  ['words that have to be escaped', {}, { ...request, route: '/"\\\n', method: 'é' }],
])('tells requests letter by letter as everything else is told: %s', (_, parts, line) => {
  const [own, usual] = twice(parts, line)
  expect(own).toBe(usual)
  expect(own).toMatch(/^\{.*\}\n$/)
})

it('tells no requests where only warnings are told', () => {
  const lines: string[] = []
  const log = createLog('warn', { destination: { write: (text) => lines.push(text) } })
  log.request(request)
  expect(lines).toEqual([])
})

/** A file that takes nothing, as if its disk were full. */
const full = '/dev/full'

it.skipIf(!existsSync(full))('is no reason to end where it can not be written', () => {
  const program = `
    import { createLog } from ${JSON.stringify(fileURLToPath(new URL('./log.ts', import.meta.url)))}
    const log = createLog('info')
    for (let time = 0; time < 1000; time += 1) log.request(${JSON.stringify(request)})
    log.warn('something')
    setTimeout(() => console.log('still there'), 300)`
  const stderr = openSync(full, 'w')
  const { status, stdout } = spawnSync(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', stderr],
    encoding: 'utf8',
  })
  closeSync(stderr)
  expect([status, stdout]).toEqual([0, 'still there\n'])
})
