/**
 * `fields` without those that are undefined, in their order: for the vendors that leave out what there is not.
 * The type says which may be left out.
 */
export function present<Wire extends object>(
  fields: {
    readonly [Field in keyof Required<Wire>]: Wire[Field] | undefined
  },
): Wire {
  const wire: Record<string, unknown> = {}
  for (const field in fields) if (fields[field] !== undefined) wire[field] = fields[field]
  return wire as Wire
}

/** A list, or nothing in place of an empty one. */
export const some = <Item>(items: readonly Item[] | undefined): Item[] | undefined =>
  items?.length ? [...items] : undefined
