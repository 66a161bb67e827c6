/** Whether `If-Match` names this version; SCIM's are weak, and compared as such (RFC 7644 §3.14). */
export const isUnmodified = (ifMatch: string, version: string): boolean =>
  ifMatch.trim() === '*' ||
  ifMatch.split(',').some((member) => opaque(member.trim()) === opaque(version))

const opaque = (etag: string): string => etag.replace(/^W\//, '')
