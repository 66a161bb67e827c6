import type { ExtensionRules } from '../../privacy/rules.ts'

/** What only this vendor has of a person. */
export interface DocSpaceExtension {
  /** The portal modules that the person administers. */
  readonly listAdminModules?: readonly string[]
  /** The quota is the person's own, not the portal's. */
  readonly isCustomQuota?: boolean
  readonly shared?: boolean
  /** The event with which the present session began. */
  readonly loginEventId?: number
  /** Tips, updates and offers may be sent. The vendor takes it, and tells it nobody. */
  readonly spam?: boolean
}

export const extension: ExtensionRules<Required<DocSpaceExtension>> = {
  listAdminModules: 'account',
  isCustomQuota: 'own',
  shared: 'account',
  loginEventId: 'own',
  spam: 'internal',
}
