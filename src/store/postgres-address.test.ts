import { expect, it } from 'vitest'
import { addressOf, standbysOf } from './postgres-address.ts'

it('reads one host or several, with and without ports, user and password', () => {
  expect(addressOf('postgres://localhost/kith')).toEqual({
    hosts: [{ host: 'localhost', port: 5432 }],
    database: 'kith',
    ssl: false,
  })
  expect(
    addressOf('postgresql://a%40b:p%3Aq@db1:5433,[2001:db8::1]:5434,db3/kith%20x?sslmode=require'),
  ).toEqual({
    hosts: [
      { host: 'db1', port: 5433 },
      { host: '2001:db8::1', port: 5434 },
      { host: 'db3', port: 5432 },
    ],
    database: 'kith x',
    ...{ user: 'a@b', password: 'p:q' },
    ssl: { rejectUnauthorized: false },
  })
  expect(addressOf('postgres://%2Frun%2Fpostgresql/kith').hosts[0]?.host).toBe('/run/postgresql')
})

it('encrypts what leaves the machine, and checks who is there, unless it is told otherwise', () => {
  const checked = { rejectUnauthorized: true }
  expect(addressOf('postgres://db1/kith').ssl).toEqual(checked)
  expect(addressOf('postgres://localhost,db1/kith').ssl).toEqual(checked)
  expect(addressOf('postgres://127.0.0.1,[::1]/kith').ssl).toBe(false)
  expect(addressOf('postgres://127.0.0.1/kith?sslmode=verify-full').ssl).toEqual(checked)
  expect(addressOf('postgres://db1/kith?sslmode=disable').ssl).toBe(false)
})

it.each([
  ['postgres://u:secret@db1', /names no database/],
  ['postgres://u:secret@db1:0/kith', /port/],
  ['postgres://u:secret@db1:70000/kith', /port/],
  ['postgres://u:secret@db1,,db2/kith', /every host/],
  ['postgres://u:secret@/kith', /every host/],
  ['postgres://u:secret@db1/kith?sslmode=prefer', /sslmode must be one of/],
  ['postgres://u:secret@db1/kith?options=-c', /no parameter "options"/],
  ['postgres://u:secret@db1/kith?target_session_attrs=standby', /must be "primary"/],
  ['postgres://u:secret%zz@db1/kith', /not encoded/],
  ['mysql://u:secret@db1/kith', /has to look like/],
])('says what is wrong with %s, and nothing of the password', (url, what) => {
  const read = () => addressOf(url)
  expect(read).toThrow(what)
  expect(read).not.toThrow(/secret/)
})

it('takes each host of an address to read from by itself', () => {
  const all = standbysOf('postgres://kith:secret@db2:6000,db3/kith?sslmode=require')
  const rest = { ...addressOf('postgres://kith:secret@db2/kith?sslmode=require') }
  expect(all).toEqual([
    { ...rest, hosts: [{ host: 'db2', port: 6000 }] },
    { ...rest, hosts: [{ host: 'db3', port: 5432 }] },
  ])
  expect(standbysOf('')).toEqual([])
})

it.each([
  ['postgres://u:secret@db1/kith?target_session_attrs=standby', /--read-from .*whatever it is/],
  ['postgres://u:secret@db1', /--read-from .*names no database/],
])('says what is wrong with %s to read from, and nothing of the password', (url, what) => {
  expect(() => standbysOf(url)).toThrow(what)
  expect(() => standbysOf(url)).not.toThrow(/secret/)
})
