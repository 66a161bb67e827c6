import { describe, expect, it } from 'vitest'
import { hashOf, looksLikeSecret, newSecret } from './key.ts'
import { createSeal, keyIdFrom, tokenFor } from './seal.ts'

describe('a key', () => {
  it('is told from what is none by its form alone', () => {
    const secrets = Array.from({ length: 200 }, newSecret)
    expect(new Set(secrets).size).toBe(200)
    for (const secret of secrets) {
      expect(secret).toMatch(/^kith_[0-9A-Za-z]{49}$/)
      expect(looksLikeSecret(secret)).toBe(true)
    }
  })

  it('does not pass with any one letter changed, left out or added', () => {
    const secret = newSecret()
    for (let index = 0; index < secret.length; index += 1) {
      const other = secret[index] === 'a' ? 'b' : 'a'
      expect(looksLikeSecret(secret.slice(0, index) + other + secret.slice(index + 1))).toBe(false)
      expect(looksLikeSecret(secret.slice(0, index) + secret.slice(index + 1))).toBe(false)
      expect(looksLikeSecret(secret.slice(0, index) + other + secret.slice(index))).toBe(false)
    }
  })

  it('is kept as the SHA-256 of the whole of it', () => {
    // NIST's test vector.
    expect(hashOf('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad')
  })
})

describe('a signed address', () => {
  const seal = createSeal('secret')
  const hour = 3_600_000
  const now = Date.parse('2026-03-04T05:06:07.000Z')
  const token = tokenFor(seal, '/a', 'key-1', now)

  it('opens its path for its key, until a whole hour', () => {
    expect(keyIdFrom(seal, '/a', token, now)).toBe('key-1')
    expect(keyIdFrom(seal, '/a', token, Date.parse('2026-03-04T06:59:59.999Z'))).toBe('key-1')
    expect(keyIdFrom(seal, '/a', token, Date.parse('2026-03-04T07:00:00.000Z'))).toBeUndefined()
  })

  it('opens nothing when anything of it is another', () => {
    const [keyId = '', ends = '', mark = ''] = token.split('.')
    const forged = [
      `key-2.${ends}.${mark}`,
      `${keyId}.${Number(ends) + hour}.${mark}`,
      `${keyId}.${ends}.${mark.replace(/./, (digit) => (digit === '0' ? '1' : '0'))}`,
      `${keyId}.${ends}.`,
      `${token}.x`,
      `${keyId}.NaN.${mark}`,
      '',
      '..',
    ]
    for (const one of forged) expect(keyIdFrom(seal, '/a', one, now)).toBeUndefined()
    expect(keyIdFrom(seal, '/b', token, now)).toBeUndefined()
    expect(keyIdFrom(createSeal('other'), '/a', token, now)).toBeUndefined()
  })

  it('is the same all hour long', () => {
    expect(tokenFor(seal, '/a', 'key-1', now + 50 * 60_000)).toBe(token)
    expect(tokenFor(seal, '/a', 'key-1', now + 60 * 60_000)).not.toBe(token)
  })
})
