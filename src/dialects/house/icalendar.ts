// iCalendar (RFC 5545): an outside language like any other. All times are in UTC, so that no zone needs telling.
import { setImmediate } from 'node:timers/promises'
import ICAL from 'ical.js'
import type { FreeBusy, MeetingSeen } from '../../directory/calendar.ts'
import type { Span } from '../../directory/ports.ts'
import { primaryOf } from '../../person/emails.ts'
import type { PersonId } from '../../person/ids.ts'
import type { VisiblePerson } from '../../privacy/reveal.ts'

// The package does not count the space that a line goes on with: 75 octets in all (§3.1).
ICAL.foldLength = 74

/** As jCal has it (RFC 7265): name, parameters, type, values. */
type Property = readonly [string, Readonly<Record<string, string>>, string, ...unknown[]]

/** One after the other, so that others are answered in between. */
export async function meetingsText(meetings: readonly MeetingSeen[]): Promise<Buffer> {
  const pieces: Buffer[] = []
  for (const meeting of meetings) {
    pieces.push(textOf('vevent', eventOf(meeting)))
    await setImmediate()
  }
  return calendarOf(pieces)
}

/** When somebody can not be met, within a span as of an instant. */
export function freeBusyText(
  personId: PersonId,
  { from, until }: Span,
  { busy, unavailable }: FreeBusy,
  now: string,
): Buffer {
  const properties: Property[] = [
    ['uid', {}, 'text', `free-busy-${personId}`],
    ['dtstamp', {}, 'date-time', timeOf(now)],
    ['dtstart', {}, 'date-time', timeOf(from)],
    ['dtend', {}, 'date-time', timeOf(until)],
    ...periods('BUSY', busy),
    ...periods('BUSY-UNAVAILABLE', unavailable),
  ]
  return calendarOf([textOf('vfreebusy', properties)])
}

const textOf = (name: string, properties: readonly Property[]): Buffer =>
  Buffer.from(ICAL.stringify([name, properties, []]))

function calendarOf(components: readonly Buffer[]): Buffer {
  const properties: Property[] = [
    ['version', {}, 'text', '2.0'],
    ['prodid', {}, 'text', '-//Kith//Kith//EN'],
    ['calscale', {}, 'text', 'GREGORIAN'],
  ]
  const end = Buffer.from('END:VCALENDAR\r\n')
  const begin = textOf('vcalendar', properties)
  return Buffer.concat([begin.subarray(0, -end.length), ...components, end])
}

function eventOf(meeting: MeetingSeen): readonly Property[] {
  const { id, start, end, title, note, location, state, organizer, participants } = meeting
  const age = Date.parse(meeting.updatedAt) - Date.parse(meeting.createdAt)
  const text = (name: string, value: string | undefined): Property[] =>
    value === undefined ? [] : [[name, {}, 'text', plain(value)]]
  return [
    ['uid', {}, 'text', id],
    // Where nobody is invited by it, this is when it was last changed (§3.8.7.2).
    ['dtstamp', {}, 'date-time', timeOf(meeting.updatedAt)],
    ['created', {}, 'date-time', timeOf(meeting.createdAt)],
    ['last-modified', {}, 'date-time', timeOf(meeting.updatedAt)],
    // It must rise (§3.8.7.4), and a count would tell of who left without being known of: so it is a clock, in seconds.
    ['sequence', {}, 'integer', Math.max(0, Math.ceil(age / 1000))],
    ['status', {}, 'text', state === 'cancelled' ? 'CANCELLED' : 'CONFIRMED'],
    ['dtstart', {}, 'date-time', timeOf(start)],
    ['dtend', {}, 'date-time', timeOf(end)],
    ...text('summary', title),
    ...text('description', note),
    ...text('location', location),
    ...(organizer ? [who('organizer', organizer, {})] : []),
    ...participants.map((one) => who('attendee', one, { partstat: 'ACCEPTED' })),
  ]
}

/** By their address, as far as it is to be known; else by their id, which is an address that reaches nobody. */
function who(
  name: string,
  { id, displayName, emails }: VisiblePerson,
  parameters: Readonly<Record<string, string>>,
): Property {
  const email = primaryOf(emails)?.value
  const cn = displayName === undefined ? {} : { cn: plain(displayName).replaceAll('\n', ' ') }
  const address = email === undefined ? `urn:uuid:${id}` : `mailto:${encodeURI(plain(email))}`
  return [name, { ...cn, ...parameters }, 'cal-address', address]
}

const periods = (fbtype: string, spans: readonly Span[]): Property[] =>
  spans.map(({ from, until }) => [
    ...(['freebusy', { fbtype }, 'period', [timeOf(from), timeOf(until)]] as const),
  ])

/** To the second: there is nothing finer in this language. */
const timeOf = (instant: string): string => `${instant.slice(0, 19)}Z`

/** Without what no text may hold (§3.1): controls but for ends of lines, and halves of characters. */
const plain = (text: string): string =>
  text
    .replaceAll('\r\n', '\n')
    .replace(/(?!\n)\p{Cc}/gu, ' ')
    .toWellFormed()
