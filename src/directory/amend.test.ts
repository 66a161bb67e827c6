import { expect, it } from 'vitest'
import { ada, creator, organizations } from '../../test/cast.ts'
import { newPerson } from '../person/draft.ts'
import { amend } from './amend.ts'

const at = '2026-03-04T05:06:07.000Z'

it('changes what is named and nothing else, and notes when', () => {
  const next = amend(ada, { title: 'Next', bio: null }, at)
  const { bio: _, ...rest } = ada
  expect(next).toEqual({
    ...rest,
    title: 'Next',
    version: 2,
    updatedAt: at,
    touched: { profile: at },
  })
})

it('gives the same record back when nothing is different', () => {
  expect(amend(ada, { title: 'Canary Title', emails: [...ada.emails] }, at)).toBe(ada)
  expect(amend(ada, {}, at)).toBe(ada)
})

it('tells by no group’s time that somebody reports to another', () => {
  const next = amend(ada, { managerId: creator.id }, at)
  expect(next).toMatchObject({ managerId: creator.id, touched: {}, updatedAt: at })
})

it('lets a display name that was made of the other names follow them, and no other', () => {
  const made = newPerson(
    {
      organizationId: organizations.home.id,
      userName: 'zz-made-user',
      givenName: 'Zz',
      familyName: 'Old',
    },
    at,
  )
  expect(amend(made, { familyName: 'New' }, at).displayName).toBe('Zz New')
  expect(amend(made, { familyName: null }, at).displayName).toBe('Zz')
  expect(amend(made, { familyName: null, givenName: null }, at).displayName).toBe('zz-made-user')
  expect(amend({ ...made, displayName: 'Given' }, { familyName: 'New' }, at).displayName).toBe(
    'Given',
  )
  expect(amend(made, { familyName: 'New', displayName: 'Said' }, at).displayName).toBe('Said')
})

it('refuses what no record can hold, by the name of the field', () => {
  expect(() => amend(ada, { birthDate: 'yesterday' }, at)).toThrow(/birthDate/)
  expect(() => amend(ada, { userName: '@x' }, at)).toThrow(/userName/)
  expect(() => amend(ada, { displayName: null }, at)).toThrow(/displayName/)
})
