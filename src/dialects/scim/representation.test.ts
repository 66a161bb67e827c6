import { describe, expect, it } from 'vitest'
import type { JsonObject } from './json.ts'
import { attributeList } from './path.ts'
import { withAttributes } from './representation.ts'
import {
  coreUserUrn,
  enterpriseUserUrn,
  kithUserUrn,
  type ResourceType,
  userType,
} from './schemas.ts'

const person: JsonObject = {
  schemas: [coreUserUrn, enterpriseUserUrn],
  id: '1',
  externalId: 'x1',
  userName: 'ada',
  password: 'secret',
  name: { givenName: 'Ada', familyName: 'Byron' },
  emails: [
    { value: 'ada@work.example', type: 'work' },
    { value: 'ada@home.example', display: 'Home' },
  ],
  roles: [],
  meta: { resourceType: 'User', location: 'https://kith.example/scim/v2/Users/1' },
  [enterpriseUserUrn]: { department: 'Engines', manager: { value: '2', displayName: 'Bob' } },
  [kithUserUrn]: { number: 7, interests: ['chess'] },
}
const { password, ...told } = person
const always = { schemas: person.schemas, id: '1' }
const asked = (...attributes: string[]) => withAttributes(person, attributes, undefined, userType)
const without = (...excluded: string[]) => withAttributes(person, undefined, excluded, userType)

describe('a representation', () => {
  it('has everything but the password, if nothing is said', () => {
    expect(password).toBe('secret')
    expect(withAttributes(person, undefined, undefined, userType)).toEqual(told)
    expect(withAttributes(person, [], [], userType)).toEqual(told)
  })

  it('has what was asked for, and what is always told', () => {
    expect(asked('USERNAME', 'title')).toEqual({ ...always, userName: 'ada' })
    expect(asked('urn:ietf:params:scim:schemas:core:2.0:user:username')).toEqual({
      ...always,
      userName: 'ada',
    })
  })

  it('never has a password, even when it is asked for', () => {
    expect(asked('password')).toEqual(always)
    expect(asked(coreUserUrn)).not.toHaveProperty('password')
  })

  it('has the sub-attributes that were asked for, in each value', () => {
    expect(asked('name.familyname', 'emails.display')).toEqual({
      ...always,
      name: { familyName: 'Byron' },
      emails: [{ display: 'Home' }],
    })
    expect(asked('name.nobody', 'userName.value')).toEqual(always)
  })

  it('has all of an attribute when both it and a part of it are asked for', () => {
    const { name } = person
    expect(asked('name.familyName', 'name')).toEqual({ ...always, name })
    expect(asked('name', 'name.familyName')).toEqual({ ...always, name })
  })

  it('has an extension as a whole, or what of it was asked for', () => {
    expect(asked(kithUserUrn)).toEqual({ ...always, [kithUserUrn]: person[kithUserUrn] })
    expect(asked(`${enterpriseUserUrn.toUpperCase()}:manager.value`)).toEqual({
      ...always,
      [enterpriseUserUrn]: { manager: { value: '2' } },
    })
    expect(asked('department')).toEqual(always)
  })

  it('has the core attributes for the core URN', () => {
    const { externalId, meta, [enterpriseUserUrn]: one, [kithUserUrn]: other, ...core } = told
    expect([externalId, meta, one, other]).not.toContain(undefined)
    expect(asked(coreUserUrn)).toEqual(core)
  })

  it('lacks what was excluded, but for what is always told', () => {
    const { emails, meta, ...rest } = told
    expect(emails && meta).toBeTruthy()
    expect(without('Emails', 'meta', 'id', 'schemas', 'nobody')).toEqual(rest)
  })

  it('lacks the parts that were excluded, and what has no other part', () => {
    expect(
      without(
        'name.givenName',
        'emails.value',
        `${enterpriseUserUrn}:manager`,
        'meta.resourceType',
        'meta.location',
      ),
    ).toEqual({
      ...always,
      externalId: 'x1',
      userName: 'ada',
      name: { familyName: 'Byron' },
      emails: [{ type: 'work' }, { display: 'Home' }],
      roles: [],
      [enterpriseUserUrn]: { department: 'Engines' },
      [kithUserUrn]: person[kithUserUrn],
    })
    expect(without(kithUserUrn)).not.toHaveProperty([kithUserUrn])
  })

  it('lacks what was excluded of what was asked for', () => {
    expect(withAttributes(person, ['name', 'userName'], ['name.givenName'], userType)).toEqual({
      ...always,
      userName: 'ada',
      name: { familyName: 'Byron' },
    })
  })

  it('has what is told on request only when it is asked for by name', () => {
    const type: ResourceType = {
      ...userType,
      schema: {
        ...userType.schema,
        attributes: userType.schema.attributes.map((one) =>
          one.name === 'emails' ? { ...one, returned: 'request' } : one,
        ),
      },
    }
    expect(withAttributes(person, undefined, undefined, type)).not.toHaveProperty('emails')
    expect(withAttributes(person, [coreUserUrn], undefined, type)).not.toHaveProperty('emails')
    expect(withAttributes(person, ['emails.type'], undefined, type)).toEqual({
      ...always,
      emails: [{ type: 'work' }],
    })
  })

  it('is refused for what can’t be a name', () => {
    for (const name of ['a b', 'emails[type eq "work"]', 'a..b', '"']) {
      expect(() => asked(name)).toThrow(expect.objectContaining({ scimType: 'invalidPath' }))
    }
  })

  it('takes its names from a list with commas', () => {
    expect(attributeList(' userName, name.familyName ,,')).toEqual(['userName', 'name.familyName'])
  })

  it('is a copy', () => {
    const before = structuredClone(person)
    asked('name.givenName')
    without('emails.value')
    expect(person).toEqual(before)
  })
})
