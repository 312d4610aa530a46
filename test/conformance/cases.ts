import { acceptedCases } from './accepted-cases.ts'
import type { Case } from './case.ts'
import { unauthenticCases } from './unauthentic-cases.ts'
import { unsuitableCases } from './unsuitable-cases.ts'

/** Everything that may come over the wire, and what every receiver makes of it. */
export const cases: Case[] = [...acceptedCases, ...unauthenticCases, ...unsuitableCases]
