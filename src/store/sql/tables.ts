/** The tables as both engines have them: text, integers and nothing that differs between them. JSON is text. */
export interface Tables {
  organization: {
    id: string
    name: string
    time_zone: string
    audiences: string
    /** Of the audiences. */
    checksum: number
    /** A JSON object, or empty where the organization sets nothing. */
    defaults: string
    defaults_checksum: number
    /** Who may see what of its people who have not decided: the letter in force for each field group; see sight.ts. */
    sight: string
  }
  management: { manager_id: string; managed_id: string }
  person: {
    id: string
    number: number
    organization_id: string
    /** The user name as it is compared; of somebody deleted their id, so that the name is free. */
    user_name_key: string
    /** Null for somebody deleted, too. */
    external_id: string | null
    manager_id: string | null
    created_by_id: string | null
    version: number
    /** The whole record; the columns beside it are derived from it. */
    record: string
    record_checksum: number
    /** What of the record it takes to mention the person: a tenth of it. */
    mention: string
    mention_checksum: number
    /** Who may see what: a letter for each field group, in their order; see sight.ts. */
    sight: string
    lifecycle: string
  }
  /** The addresses of those who are not deleted. */
  person_email: {
    organization_id: string
    /** An address in its normalized form; and as it is compared otherwise, where that is not the same. */
    address_key: string
    person_id: string
    /** 1 where the person has that normalized form, and it is verified. */
    verified: number
  }
  /**
   * The words of those who are not deleted, for each word and person once. No reference: it is written a dozen times
   * for each person, and follows from the record as the digest does.
   */
  person_word: {
    organization_id: string
    word: string
    person_id: string
    /** The sum of what stands for the rules that it is under; see words.ts. */
    rules: number
  }
  /** Of those who are not deleted, what is searched without reading their records; see digest.ts. */
  digest: {
    person_id: string
    /** The words under each rule, each with a space before it. */
    name: string
    account: string
    contact: string
    /** A JSON object of the short fields, each as it is compared. */
    fields: string
  }
  presence: {
    person_id: string
    signals: string
    checksum: number
    /** Rises with every batch of signals, so that others can tell which are new to them. */
    revision: number
  }
  people_group: {
    id: string
    organization_id: string
    name: string
    /** The name as it is compared. */
    name_key: string
    manager_id: string | null
    external_id: string | null
    description: string | null
    version: number
    created_at: string
    updated_at: string
  }
  membership: { person_id: string; group_id: string }
  /** Groups that are directly in a group. */
  group_nesting: { group_id: string; child_id: string }
  group_owner: { group_id: string; person_id: string }
  event: {
    number: number
    organization_id: string
    url: string
    name: string
    description: string | null
    time_zone: string | null
    starts_at: string | null
    ends_at: string | null
  }
  attendee: { number: number; event_number: number; person_id: string }
  connection: {
    /** The two in the order of their ids. */
    one_id: string
    other_id: string
    requester_id: string
    addressee_id: string
    state: string
    rejected_by_id: string | null
    /** Who of the two wants nothing of the other. */
    blocked_by: 'one' | 'other' | 'both' | null
    updated_at: string | null
  }
  meeting: {
    id: string
    version: number
    event_number: number | null
    /** The whole meeting; what is beside it, and who takes part, is derived from it. */
    record: string
    record_checksum: number
  }
  meeting_participant: {
    meeting_id: string
    person_id: string
    state: string
    start_at: string
    end_at: string
  }
  /** Of everybody who ever had a meeting: the row that a booking locks. */
  calendar: { person_id: string; version: number }
  receipt: {
    key_id: string
    idempotency_key: string
    fingerprint: string
    entity_id: string
    at: string
  }
  access_key: {
    id: string
    hash: string
    organization_id: string
    person_id: string | null
    service: string | null
    role: string
    created_at: string
    expires_at: string | null
    revoked_at: string | null
    last_used_at: string | null
    /** Of all but the last use. */
    checksum: number
  }
  change: {
    sequence: number
    entity: string
    entity_id: string
    person_id: string | null
    kind: string
    actor: string
    at: string
  }
  secret: { name: string; value: string }
  migration: { name: string; at: string }
  /** One row, of the name `since`: the step that a node has to know to use the database; see compatibility.ts. */
  compatibility: { name: string; step: string }
  /** How far a migration is that goes through all people. */
  migration_place: { name: string; place: string; people: number }
}
