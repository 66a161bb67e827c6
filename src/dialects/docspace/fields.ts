/** The fields that `?fields=` asks for, dotted paths and all; undefined when it asks for none in particular. */
export function fieldsFrom(query: URLSearchParams): readonly string[] | undefined {
  const fields = query
    .getAll('fields')
    .flatMap((list) => list.split(','))
    .map((field) => field.trim())
    .filter(Boolean)
  return fields.length > 0 ? fields : undefined
}

/** `value` with nothing but the fields of those paths, in its own order; in a list, of every item. */
export function trimmed(value: unknown, paths: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((item) => trimmed(item, paths))
  if (typeof value !== 'object' || value === null) return value
  const kept = Object.entries(value).flatMap(([field, inner]): [string, unknown][] => {
    if (paths.includes(field)) return [[field, inner]]
    const below = paths.filter((path) => path.startsWith(`${field}.`))
    if (below.length === 0) return []
    return [
      [
        field,
        trimmed(
          inner,
          below.map((path) => path.slice(field.length + 1)),
        ),
      ],
    ]
  })
  return Object.fromEntries(kept)
}
