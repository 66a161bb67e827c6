import { findWindows } from 'windows-iana'

/** The IANA name under which the runtime knows a zone; undefined when it knows none by this name. */
export function canonicalZone(name: string): string | undefined {
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
