import { get, post, put, type Route, remove } from '../dialect.ts'
import { list } from './listing.ts'
import { create, read, readMe, replace, retire } from './people.ts'
import {
  NewWebexPerson,
  WebexPeople,
  WebexPeopleQuery,
  WebexPerson,
  WebexUpdate,
} from './schema.ts'

const person = { 200: WebexPerson }

export const routes: readonly Route[] = [
  get('/v1/people', list, {
    ...{ summary: 'List people', query: WebexPeopleQuery, answers: { 200: WebexPeople } },
  }),
  post('/v1/people', create, {
    ...{ summary: 'Create a person', body: NewWebexPerson, answers: person },
  }),
  get('/v1/people/me', readMe, { summary: 'Get my own details', answers: person }),
  get('/v1/people/:personId', read, { summary: 'Get a person’s details', answers: person }),
  put('/v1/people/:personId', replace, {
    ...{ summary: 'Update a person', body: WebexUpdate, answers: person },
  }),
  remove('/v1/people/:personId', retire, { summary: 'Delete a person', answers: { 204: null } }),
]
