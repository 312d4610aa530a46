import { describe, expect, test } from 'vitest'
import { checkContentType } from './content-type.ts'

describe('checkContentType', () => {
  test.each([
    'application/json',
    'Application/JSON',
    'application/json; charset=utf-8',
    'application/json;charset=UTF-8',
    'application/json ; charset=utf-8',
    'application/json\t;x=y',
    'application/json;',
  ])('takes %j', (contentType) => {
    expect(() => checkContentType(contentType, 'required')).not.toThrow()
  })

  test.each([
    '',
    ' ',
    'text/plain',
    'text/json',
    'application/jsonp',
    'application/json5',
    'application/json-seq',
    'application/problem+json',
    'application/json, application/json',
    'text/plain, application/json',
    'x application/json',
    'application/json charset=utf-8',
    'application/json\n',
    'application/x-www-form-urlencoded',
  ])('refuses %j, also where none need be there', (contentType) => {
    const refusal = expect.objectContaining({ code: 'content_type_unsupported', status: 415 })
    expect(() => checkContentType(contentType, 'required')).toThrow(refusal)
    expect(() => checkContentType(contentType, 'when-present')).toThrow(refusal)
  })

  test('refuses a missing one only where it is required', () => {
    expect(() => checkContentType(undefined, 'when-present')).not.toThrow()
    expect(() => checkContentType(undefined, 'required')).toThrow(
      expect.objectContaining({ code: 'content_type_unsupported' }),
    )
  })
})
