import type { Question } from '../../directory/directory.ts'
import type { Listed } from '../../directory/pages.ts'
import type { Call } from '../dialect.ts'
import type { Json, JsonObject } from './json.ts'
import type { ResourceType } from './schemas.ts'

/** Whoever asks, with what they can act with; `base` is the absolute address of the service. */
export type Asker = Pick<Call, 'viewer' | 'directory' | 'registrar' | 'base' | 'pictureAddress'> & {
  /** This instant. */
  readonly now: () => string
}

/**
 * What can be done with a type of resource, whether by a request of its own or in a Bulk. `condition` is an
 * `If-Match`; a body is whatever was sent.
 * @throws ScimError, and what the registrar's verbs throw
 */
export interface Resources {
  readonly type: ResourceType
  list(asker: Asker, question: Question, withMembers: boolean): Promise<Listed<JsonObject>>
  read(asker: Asker, id: string, withMembers?: boolean): Promise<JsonObject>
  /** @returns the id */
  create(asker: Asker, body: Json | undefined): Promise<string>
  replace(asker: Asker, id: string, body: Json | undefined, condition?: string): Promise<void>
  modify(asker: Asker, id: string, body: Json | undefined, condition?: string): Promise<void>
  remove(asker: Asker, id: string, condition?: string): Promise<void>
}
