import type { ExtensionRules } from '../../privacy/rules.ts'

/** What only SCIM has, as sent: pictures beside the avatar, such as thumbnails. */
export interface ScimExtension {
  readonly photos?: readonly ScimPhoto[]
}

export interface ScimPhoto {
  readonly value: string
  readonly display?: string
  readonly type?: string
  readonly primary?: boolean
}

export const extension: ExtensionRules<ScimExtension> = { photos: 'picture' }
