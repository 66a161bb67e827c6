import type { OpenCall, Reply } from '../dialect.ts'

/** An access token for a key's own id and secret (RFC 6749 §4.4), good for an hour in place of the secret. */
export async function token({ body, header, grant }: OpenCall): Promise<Reply> {
  const form = (body ?? {}) as Readonly<Record<string, string>>
  if (!form.grant_type) return refused('invalid_request', 'grant_type is missing.')
  if (form.grant_type !== 'client_credentials') {
    return refused('unsupported_grant_type', 'grant_type must be client_credentials.')
  }
  const authorization = header('authorization')
  const basic = basicFrom(authorization)
  if (authorization !== undefined && !basic) return unknownClient
  if (basic && form.client_secret !== undefined) {
    return refused('invalid_request', 'One way to say who asks is enough: Basic, or the form.')
  }
  const id = basic?.id ?? form.client_id
  const secret = basic?.secret ?? form.client_secret
  if (!id || !secret) {
    return refused('invalid_request', 'client_id and client_secret are a key’s id and secret.')
  }
  const granted = await grant(id, secret)
  if (!granted) return unknownClient
  return {
    status: 200,
    body: {
      access_token: granted.token,
      token_type: 'Bearer',
      expires_in: granted.expiresIn,
    },
    headers: unkept,
  }
}

/** Nobody keeps a token or a refusal (RFC 6749 §5.1). */
const unkept = {
  'content-type': 'application/json',
  'cache-control': 'no-store',
  pragma: 'no-cache',
}

const refused = (error: string, description: string): Reply => ({
  status: 400,
  body: { error, error_description: description },
  headers: unkept,
})

const unknownClient: Reply = {
  status: 401,
  body: { error: 'invalid_client', error_description: 'There is no such key.' },
  headers: { ...unkept, 'www-authenticate': 'Basic realm="kith"' },
}

/** Both parts are form-encoded before they are put together (RFC 6749 §2.3.1). */
function basicFrom(value: string | undefined): { id: string; secret: string } | undefined {
  const encoded = /^Basic +([A-Za-z0-9+/]+=*) *$/i.exec(value ?? '')?.[1]
  if (!encoded) return undefined
  const [id = '', ...rest] = Buffer.from(encoded, 'base64').toString().split(':')
  const plain = (text: string) => new URLSearchParams(`_=${text}`).get('_') ?? ''
  return { id: plain(id), secret: plain(rest.join(':')) }
}
