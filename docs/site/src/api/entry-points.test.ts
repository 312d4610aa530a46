import { existsSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { findEntryPoints } from './entry-points.ts'

const packages = path.resolve(import.meta.dirname, '../../../../packages')
const entryPoints = findEntryPoints(packages)
const names = entryPoints.map(({ name }) => name)

test('are what users import, and the sources behind it', () => {
  expect(names).toEqual(expect.arrayContaining(['@taskhook/core/testing', '@taskhook/outbox', 'taskhook']))
  expect(entryPoints.filter(({ file }) => !existsSync(file))).toEqual([])
})

test('leave out what is not published, and what is no code', () => {
  expect(names).not.toContain('@taskhook/outbox/testing')
  expect(names.filter((name) => name.endsWith('.json'))).toEqual([])
})

test('come after those of the packages that they depend on', () => {
  expect(names.indexOf('@taskhook/core')).toBeLessThan(names.indexOf('@taskhook/outbox'))
  expect(names.indexOf('@taskhook/outbox')).toBeLessThan(names.indexOf('@taskhook/inbox'))
})

test('have a page each', () => {
  const pages = entryPoints.map(({ page }) => page)
  expect(new Set(pages).size).toBe(pages.length)
  expect(entryPoints.find(({ name }) => name === '@taskhook/core/testing')?.page).toBe('core-testing')
})
