import { findWindows } from 'windows-iana'

/** Asking the runtime costs about a tenth of a millisecond, and answers name the same few zones over and over. */
const asked = new Map<string, string | undefined>()
const mostRemembered = 1000

/** The IANA name under which the runtime knows a zone; undefined when it knows none by this name. */
export function canonicalZone(name: string): string | undefined {
  if (asked.has(name)) return asked.get(name)
  if (asked.size === mostRemembered) asked.clear()
  const canonical = askRuntime(name)
  asked.set(name, canonical)
  return canonical
}

function askRuntime(name: string): string | undefined {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone
  } catch {
    return undefined
  }
}

/** The CLDR Windows name of an IANA zone, such as `W. Europe Standard Time`; undefined when there is none. */
export function windowsZone(name: string): string | undefined {
  const canonical = canonicalZone(name)
  return findWindows(name)[0] ?? (canonical === undefined ? undefined : findWindows(canonical)[0])
}

/** `instant` on the clock of `zone`, and how far that clock is ahead of UTC. */
export function zoned(instant: string, zone: string): Temporal.ZonedDateTime {
  return Temporal.Instant.from(instant).toZonedDateTimeISO(canonicalZone(zone) ?? 'UTC')
}
