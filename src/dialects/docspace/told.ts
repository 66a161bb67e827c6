import Type, { type TSchema } from 'typebox'
import type { Method, Told } from '../dialect.ts'
import { enveloped, FieldsQuery } from './schema.ts'

/** What a GET of one thing takes and answers. */
export const tellOne = (
  summary: string,
  response: TSchema,
  query: TSchema = FieldsQuery,
): Told => ({
  summary,
  query,
  answers: { 200: enveloped(response) },
})

/** The same of a list. */
export const tellList = (summary: string, item: TSchema, query: TSchema): Told => ({
  summary,
  query,
  answers: { 200: enveloped(Type.Array(item), { total: Type.Integer() }) },
})

/** What a write takes and answers. */
export const tellWrite = (
  method: Method,
  summary: string,
  response?: TSchema,
  body?: TSchema,
): Told => ({
  summary,
  query: FieldsQuery,
  ...(body && { body }),
  answers: { 200: enveloped(response, {}, method) },
})
