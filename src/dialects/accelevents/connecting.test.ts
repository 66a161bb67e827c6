import { expect, it } from 'vitest'
import * as cast from '../../../test/cast.ts'
import { type ViewerName, world } from '../../../test/world.ts'
import { accelevents } from './index.ts'

const event = `/rest/event/${cast.event.url}`
const { ada, colleague } = cast.attendees

async function one() {
  const { ask } = await world({ connections: [] })
  const act = (as: ViewerName, id: number | string, action: string, method = 'POST') =>
    ask(accelevents, `${event}/people/${id}/${action}`, { as, method })
  const read = async (as: ViewerName, id: number) => {
    const { body } = await ask(accelevents, `${event}/people/${id}/profile`, { as })
    return [body.status, body.request, body.rejectedBy]
  }
  return { ask, act, read }
}

it('accelevents: connects, by POST as by PUT, by the attendee’s number as by the person’s', async () => {
  const { act, read } = await one()
  const asked = await act('self', cast.askers.colleague.number, 'connect')
  expect([asked.status, asked.body]).toEqual([
    200,
    { type: 'Success', message: 'Connection request sent successfully.' },
  ])
  expect(await read('self', colleague.number)).toEqual(['REQUESTED', false, null])
  expect(await read('colleague', ada.number)).toEqual(['REQUESTED', true, null])
  const accepted = await act('colleague', ada.number, 'accept', 'PUT')
  expect(accepted.body.message).toBe('Connection request accepted successfully.')
  expect(await read('self', colleague.number)).toEqual(['ACCEPT', false, null])
  expect((await act('self', colleague.number, 'disconnect', 'PUT')).status).toBe(200)
  expect(await read('colleague', ada.number)).toEqual([null, false, null])
})

it('accelevents: refuses in the vendor’s codes, whose first three digits are the status', async () => {
  const { ask, act, read } = await one()
  const refusal = async (as: ViewerName, id: number | string, action: string) => {
    const { status, body } = await act(as, id, action)
    return [status, body.errorCode]
  }
  expect(await refusal('self', colleague.number, 'accept')).toEqual([404, 4043001])
  expect(await refusal('self', ada.number, 'connect')).toEqual([406, 4068005])
  await act('self', colleague.number, 'connect')
  await act('colleague', ada.number, 'reject')
  expect(await refusal('self', colleague.number, 'connect')).toEqual([404, 4043003])
  expect(await read('self', colleague.number)).toEqual([
    'REJECT',
    false,
    cast.askers.colleague.number,
  ])
  await act('colleague', ada.number, 'connect')
  await act('self', colleague.number, 'accept')
  expect(await refusal('self', colleague.number, 'connect')).toEqual([406, 4068003])
  expect(await refusal('self', colleague.number, 'reject')).toEqual([404, 4043002])
  expect(await refusal('self', 12345, 'connect')).toEqual([406, 4068001])
  expect(await refusal('self', 'x', 'connect')).toEqual([400, undefined])
  expect(await refusal('service', ada.number, 'connect')).toEqual([403, undefined])
  expect(await refusal('outsider', ada.number, 'connect')).toEqual([404, 4040200])
  const got = await ask(accelevents, `${event}/people/${ada.number}/connect`, { as: 'self' })
  expect([got.status, got.headers.allow]).toEqual([405, 'POST, PUT'])
})
