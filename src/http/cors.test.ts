import { describe, expect, it } from 'vitest'
import { credential, credentialAt, type World, world } from '../../test/world.ts'
import { accelevents } from '../dialects/accelevents/index.ts'
import type { Dialect } from '../dialects/dialect.ts'
import { docspace } from '../dialects/docspace/index.ts'
import { spoken } from '../dialects/index.ts'
import { webex } from '../dialects/webex/index.ts'

const app = 'https://app.example'
const other = 'http://localhost:3000'
const evil = 'https://evil.example'
const allowOrigin = 'access-control-allow-origin'

/** The headers of an answer that begin so. */
const corsOf = (headers: Readonly<Record<string, string>>) =>
  Object.keys(headers).filter((name) => name.startsWith('access-control-'))

const preflight = (one: World, dialect: Dialect, origin: string, path = one.pathOf(dialect)) =>
  one.ask(dialect, path, {
    ...{ method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'GET' } },
  })

describe('pages of other origins', () => {
  it('may do nothing unless they are configured', async () => {
    const one = await world()
    const read = await one.ask(webex, one.pathOf(webex), { as: 'self', headers: { origin: app } })
    expect(corsOf(read.headers)).toEqual([])
    expect(read.headers.vary).toBe('authorization, accept')
    const asked = await preflight(one, webex, app)
    expect([asked.status, corsOf(asked.headers)]).toEqual([405, []])
  })

  it.each(spoken)('may ask in $product with a key in a header when they are', async (dialect) => {
    const one = await world({ corsOrigins: [app, other] })
    const { status, headers, text } = await preflight(one, dialect, other)
    expect([status, text, headers[allowOrigin]]).toEqual([204, '', other])
    expect(headers['access-control-allow-methods']).toContain('GET')
    expect(headers['access-control-max-age']).toBe('600')
    expect(headers.vary).toContain('origin')
    const allowed = headers['access-control-allow-headers']?.split(', ')
    for (const name of Object.keys(
      credential(
        { ...dialect, credentials: dialect.credentials.filter((place) => place.in !== 'cookie') },
        'x',
      ),
    ))
      expect(allowed).toContain(name)
    expect(allowed).toEqual(expect.arrayContaining(['if-match', 'idempotency-key']))
    expect(allowed).not.toContain('cookie')

    const read = await one.ask(dialect, one.pathOf(dialect), {
      as: 'self',
      headers: { origin: app },
    })
    expect([read.status, read.headers[allowOrigin]]).toEqual([200, app])
    const exposed = read.headers['access-control-expose-headers']?.split(', ')
    expect(exposed).toEqual(expect.arrayContaining(['etag', 'link', 'location', 'retry-after']))
    expect(read.headers['access-control-allow-credentials']).toBeUndefined()
  })

  it('are told which methods a path has, and of no path that there is not', async () => {
    const one = await world({ corsOrigins: [app] })
    const { headers } = await preflight(one, accelevents, app)
    expect(headers['access-control-allow-methods']?.split(', ')).toEqual(
      expect.arrayContaining(['GET', 'HEAD']),
    )
    const unknown = await preflight(one, webex, app, '/v1/people/a/b/c')
    expect(unknown.status).toBe(404)
    const bare = await one.ask(webex, one.pathOf(webex), {
      method: 'OPTIONS',
      headers: { origin: app },
    })
    expect(bare.status).toBe(405)
  })

  it('are none but those that are named', async () => {
    const one = await world({ corsOrigins: [app] })
    for (const origin of [
      evil,
      `${app}.evil.example`,
      `${app}:443`,
      'null',
      '*',
      app.toUpperCase(),
    ]) {
      expect((await preflight(one, webex, origin)).status).toBe(405)
      const { status, headers } = await one.ask(webex, one.pathOf(webex), {
        ...{ as: 'self', headers: { origin } },
      })
      expect([status, corsOf(headers), headers.vary]).toEqual([
        ...[200, [], 'authorization, accept, origin'],
      ])
    }
  })

  it('may read what was refused, and why', async () => {
    const one = await world({ corsOrigins: [app], limits: { webex: 1 } })
    const headers = { origin: app }
    const nobody = await one.ask(webex, one.pathOf(webex), { headers })
    expect([nobody.status, nobody.headers[allowOrigin]]).toEqual([401, app])
    await one.ask(webex, one.pathOf(webex), { as: 'self', headers })
    const many = await one.ask(webex, one.pathOf(webex), { as: 'self', headers })
    expect([many.status, many.headers[allowOrigin]]).toEqual([429, app])
  })

  it('are each told of themselves alone when one answer is given again', async () => {
    const one = await world({ corsOrigins: [app, other] })
    const read = (headers: Record<string, string>) =>
      one.ask(webex, one.pathOf(webex), { as: 'self', headers })
    const told: (string | undefined)[] = []
    for (const origin of [app, other, evil, undefined, app]) {
      const { status, headers } = await read(origin === undefined ? {} : { origin })
      expect([status, headers.vary]).toEqual([200, 'authorization, accept, origin'])
      told.push(headers[allowOrigin])
      const known = { 'if-none-match': headers.etag ?? '', ...(origin && { origin }) }
      const again = await read(known)
      expect([again.status, again.headers[allowOrigin]]).toEqual([304, headers[allowOrigin]])
    }
    expect(told).toEqual([app, other, undefined, undefined, app])
  })

  it('may all ask where any may, but never with a cookie', async () => {
    const one = await world({ corsOrigins: ['*'] })
    const cookie = credentialAt({ in: 'cookie', name: 'asc_auth_key' }, one.keys.self.secret)
    const asked = await preflight(one, docspace, evil)
    expect([asked.status, asked.headers[allowOrigin]]).toEqual([204, '*'])
    const headers = { ...cookie, origin: evil }
    const read = await one.ask(docspace, one.pathOf(docspace), { headers })
    // A browser keeps from the page what was asked with cookies and is not allowed with credentials.
    expect([read.status, read.headers[allowOrigin]]).toEqual([200, '*'])
    expect(read.headers['access-control-allow-credentials']).toBeUndefined()
  })
})
