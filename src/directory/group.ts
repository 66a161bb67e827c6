import type { Group } from './ports.ts'

export type GroupDraft = Pick<Group, 'organizationId' | 'name'> &
  Partial<Pick<Group, 'id' | 'managerId' | 'externalId' | 'description'>>

/** A first version of a group, at the instant `now`. */
export const newGroup = (draft: GroupDraft, now: string): Group => ({
  id: crypto.randomUUID(),
  ...draft,
  version: 1,
  createdAt: now,
  updatedAt: now,
})
