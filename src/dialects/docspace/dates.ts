import { canonicalZone } from '../../person/zones.ts'
import type { DocSpaceDateTime } from './schema.ts'

/** An instant on the clock of the portal's zone; `asObject` gives the form of the vendor's page. */
export function dateTime(instant: string, zone: string, asObject: boolean): DocSpaceDateTime {
  const known = canonicalZone(zone) ?? 'UTC'
  return written(Temporal.Instant.from(instant).toZonedDateTimeISO(known), asObject)
}

/** A day, as the midnight with which it begins in the portal's zone. */
export function day(date: string, zone: string, asObject: boolean): DocSpaceDateTime {
  const known = canonicalZone(zone) ?? 'UTC'
  return written(Temporal.PlainDate.from(date).toZonedDateTime(known), asObject)
}

function written(moment: Temporal.ZonedDateTime, asObject: boolean): DocSpaceDateTime {
  const minutes = Math.trunc(moment.offsetNanoseconds / 60e9)
  const sign = minutes < 0 ? '-' : '+'
  const clock = [Math.trunc(Math.abs(minutes) / 60), Math.abs(minutes) % 60]
    .map((part) => String(part).padStart(2, '0'))
    .join(':')
  if (asObject) {
    const utcTime = moment.toInstant().toString({ fractionalSecondDigits: 3 })
    return { utcTime, timeZoneOffset: `${sign === '-' ? '-' : ''}${clock}:00` }
  }
  const local = moment.toPlainDateTime().toString({ fractionalSecondDigits: 7 })
  return local + (minutes === 0 ? 'Z' : sign + clock)
}
