import { execFile } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { type Cluster, hasPostgres, startCluster } from './postgres-cluster.ts'
import { serverProcess } from './server-process.ts'

describe.runIf(hasPostgres())('kithd on PostgreSQL', () => {
  let cluster: Cluster
  let env: NodeJS.ProcessEnv
  const folder = mkdtempSync(join(tmpdir(), 'kith-shell-'))
  beforeAll(async () => {
    cluster = await startCluster()
    env = { ...process.env, KITH_DATABASE: await cluster.newDatabase(), NO_COLOR: '1' }
  }, 120_000)
  afterAll(async () => {
    await cluster.close()
    rmSync(folder, { recursive: true })
  })

  const kithd = (args: readonly string[], more: NodeJS.ProcessEnv = {}) =>
    new Promise<{ code: unknown; stdout: string; stderr: string }>((resolve) => {
      const options = { env: { ...env, ...more } }
      execFile(process.execPath, ['bin/kithd.js', ...args], options, (error, stdout, stderr) => {
        resolve({ code: error ? error.code : 0, stdout, stderr })
      })
    })
  const told = async (...args: readonly string[]) =>
    JSON.parse((await kithd([...args, '--json'])).stdout)

  it('serves the same from two nodes, and a key that is revoked opens neither after a second', async () => {
    await told('org', 'create', 'Acme')
    const { id, key } = await told('key', 'create', '--service', 'intranet', '--role', 'owner')
    const pictures = ['--pictures', join(folder, 'pictures')]
    const nodes = [await serverProcess(env, pictures), await serverProcess(env, pictures)]
    for (const node of nodes)
      expect((await node.get('/api/v1/organizations', key)).status).toBe(200)
    const revoked = await kithd(['key', 'revoke', id])
    expect([revoked.code, revoked.stderr]).toEqual([0, ''])
    const began = performance.now()
    for (const node of nodes) {
      while ((await node.get('/api/v1/organizations', key)).status !== 401) {
        expect(performance.now() - began).toBeLessThan(1_000)
      }
    }
    for (const node of nodes) expect(await node.stop()).toBe(0)
  }, 60_000)

  it('refuses to serve without a folder for pictures, and to copy what it can not', async () => {
    const serving = await kithd(['serve', '--port', '0'])
    expect([serving.code, serving.stderr]).toEqual([1, expect.stringContaining('--pictures')])
    for (const command of [['backup', join(folder, 'copy.db')], ['check']]) {
      const { code, stderr } = await kithd(command)
      expect([code, stderr]).toEqual([1, expect.stringContaining('pg_dump')])
    }
  })

  it('names no secret of an address that it can not reach', async () => {
    const away = { KITH_DATABASE: 'postgres://somebody:canary-secret@127.0.0.1:1/kith' }
    const { code, stdout, stderr } = await kithd(['org', 'list'], away)
    expect(code).toBe(1)
    expect(stderr).toContain('postgres://127.0.0.1:1/kith can not be opened')
    expect(stdout + stderr).not.toMatch(/canary|somebody/)
  })
})
