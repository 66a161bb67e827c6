import { Failure } from '../../failure.ts'
import { canonicalZone } from '../../person/zones.ts'
import type { DocSpaceDateTime, Moment } from './schema.ts'

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

/** The day of a date that was sent. @throws invalid */
export function dayFrom(sent: Moment, zone: string, field: string): string {
  const text = typeof sent === 'string' ? sent : sent.utcTime
  // Midnight is how a day is written here, and an offset that lost its seconds must not move it.
  if (typeof sent === 'string' && /^[\d-]{10}(?:$|T00:00(?::00(?:\.0+)?)?(?!.*Z$))/.test(text)) {
    return spelled(field, () => Temporal.PlainDate.from(text.slice(0, 10)).toString())
  }
  return spelled(field, () => zoned(text, zone).toPlainDate().toString())
}

/** The instant of a date that was sent; without an offset it is on the portal's clock. @throws invalid */
export const momentFrom = (sent: Moment, zone: string, field: string): string =>
  spelled(field, () => {
    const text = typeof sent === 'string' ? sent : sent.utcTime
    return new Date(zoned(text, zone).epochMilliseconds).toISOString()
  })

function zoned(text: string, zone: string): Temporal.ZonedDateTime {
  const known = canonicalZone(zone) ?? 'UTC'
  return /(?:Z|[+-]\d{2}:?\d{2})$/i.test(text.slice(10))
    ? Temporal.Instant.from(text).toZonedDateTimeISO(known)
    : Temporal.PlainDateTime.from(text).toZonedDateTime(known)
}

function spelled(field: string, read: () => string): string {
  try {
    return read()
  } catch (cause) {
    throw new Failure('invalid', `${field}: must be a time such as 2026-03-04T05:06:07+08:00`, {
      cause,
    })
  }
}
