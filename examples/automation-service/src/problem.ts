import { STATUS_CODES } from 'node:http'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import * as z from 'zod'

/** A request that is refused; answered as `application/problem+json` (RFC 9457). */
export class ProblemError extends Error {
  readonly statusCode: number

  constructor(statusCode: number, detail: string) {
    super(detail)
    this.name = 'ProblemError'
    this.statusCode = statusCode
  }
}

/** The error handler of the service. What is not the client's doing is logged, and not told. */
export function answerProblem(
  error: FastifyError | ProblemError | z.ZodError,
  request: FastifyRequest,
  reply: FastifyReply,
): void {
  const status = statusOf(error)
  if (status >= 500) request.log.error(error)
  const detail = error instanceof z.ZodError ? z.prettifyError(error) : error.message
  void reply
    .code(status)
    .type('application/problem+json')
    .send({ type: 'about:blank', title: STATUS_CODES[status], status, ...(status < 500 && { detail }) })
}

function statusOf(error: FastifyError | ProblemError | z.ZodError): number {
  if (error instanceof z.ZodError) return 400
  // What the sender says of an argument: here, always one from a request.
  if ('code' in error && error.code === 'option_invalid') return 400
  return error.statusCode ?? 500
}
