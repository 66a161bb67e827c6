import type { Beside } from '../../directory/ports.ts'

// What is read of people, and what beside them, in one query.

/** What engines say in different words. */
export interface Words {
  /** The rows of a subquery, each an array of `columns`, as the text of one JSON array. */
  rows(columns: string, order: string): string
  least(one: string, other: string): string
  greatest(one: string, other: string): string
}

/** Rows of people under the name of `p`. `viewer` is the other side of a connection, where one is wanted. */
export function selection(
  words: Words,
  from: string,
  condition: string,
  viewer: string,
  beside: Beside,
  more: readonly string[] = [],
): string {
  const { presence, groups, groupsAbove, manager, reportees, createdBy, connectionWith } = beside
  const columns = [
    'p.id, p.organization_id, p.record, p.record_checksum, o.audiences, o.checksum',
    defaultsColumn,
    ...more,
  ]
  // Left, here and below: who has no organization is damaged, which must not look like being absent.
  const joins = ['left join organization o on o.id = p.organization_id']
  if (presence) {
    columns.push('s.signals, s.checksum signals_checksum')
    joins.push('left join presence s on s.person_id = p.id')
  }
  if (manager) {
    columns.push('p.manager_id', mentionColumns('m', 'manager'))
    joins.push(mentionJoins('m', 'p.manager_id'))
  }
  if (createdBy) {
    columns.push('p.created_by_id', mentionColumns('c', 'creator'))
    joins.push(mentionJoins('c', 'p.created_by_id'))
  }
  if (groups) {
    const row = `${groupColumns}, ${mentionOf('gm')}, gm.mention_checksum, gmo.audiences, gmo.checksum`
    columns.push(`(select ${words.rows(row, 'g.id')}
      from membership b join people_group g on g.id = b.group_id ${mentionJoins('gm', 'g.manager_id')}
      where b.person_id = p.id) as groups`)
  }
  if (groupsAbove) {
    // Hardly any group is in another: to find that out costs less than to begin to climb.
    columns.push(`case when exists (${directlyAbove}) then (select ${words.rows(groupColumns, 'g.id')}
      from people_group g where g.id in (${allAbove})
        and not exists (select 1 from membership b where b.person_id = p.id and b.group_id = g.id))
      else '[]' end as groups_above`)
  }
  if (reportees) {
    const row = 'r.mention, r.mention_checksum, ro.audiences, ro.checksum'
    columns.push(`(select ${words.rows(row, 'r.id')}
      from person r left join organization ro on ro.id = r.organization_id
      where r.manager_id = p.id) as reportees`)
  }
  if (connectionWith !== undefined) {
    columns.push(
      'n.requester_id, n.addressee_id, n.state, n.rejected_by_id, n.blocked_by, n.updated_at',
    )
    joins.push(`left join connection n
      on n.one_id = ${words.least('p.id', viewer)} and n.other_id = ${words.greatest('p.id', viewer)}`)
  }
  return `select ${columns.join(', ')} from ${from} ${joins.join(' ')} where ${condition}`
}

const groupColumns = `g.id, g.organization_id, g.name, g.manager_id, g.external_id, g.description,
  g.version, g.created_at, g.updated_at`

const directlyAbove = `select n.group_id from membership b join group_nesting n on n.child_id = b.group_id
  where b.person_id = p.id`

/** Each group once, however many ways lead to it: `union` ends where it comes round. */
const allAbove = `with recursive above(id) as (${directlyAbove}
  union select n.group_id from above join group_nesting n on n.child_id = above.id) select id from above`

/** One column, and null for the many organizations that set nothing: each column of a row costs. */
const defaultsColumn = `case when o.defaults = '' and o.defaults_checksum = 0 then null
  else o.defaults_checksum || ' ' || o.defaults end as defaults`

/** Null for nobody alone: somebody without one is damaged. */
export const mentionOf = (alias: string) =>
  `case when ${alias}.id is null then null else coalesce(${alias}.mention, '') end`

const mentionColumns = (alias: string, name: string) =>
  `${mentionOf(alias)} as ${name}, ${alias}.mention_checksum ${name}_checksum,
   ${alias}o.audiences ${name}_audiences, ${alias}o.checksum ${name}_audiences_checksum`

export const mentionJoins = (alias: string, id: string) =>
  `left join person ${alias} on ${alias}.id = ${id}
   left join organization ${alias}o on ${alias}o.id = ${alias}.organization_id`

/** Rows of keys under the name of `k`, each with who bears it. */
export const keyHolders = (manages: string, from: string, condition: string, more = '') => `
  select k.*, p.record, p.record_checksum, o.time_zone,
    (select ${manages} from management m where m.manager_id = k.organization_id) as manages${more}
  from ${from}
    left join organization o on o.id = k.organization_id
    left join person p on p.id = k.person_id
  where ${condition}`
