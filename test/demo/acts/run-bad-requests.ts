import { badRequests, type BadRequest } from './bad-requests.ts'
import { sendRequest, type Answer } from '../services/send-request.ts'
import type { ReceiverName, Services } from '../services/start-services.ts'

/** How a receiver took a bad request. */
export interface BadRequestResult {
  request: BadRequest
  receiver: ReceiverName
  answer: Answer
  /** Whether it was refused, and for the right reason. */
  passed: boolean
}

/** Sends each bad request to each receiver. */
export async function* runBadRequests({ receivers, signal }: Services): AsyncGenerator<BadRequestResult> {
  for (const request of badRequests) {
    for (const { name, url, secret, key } of receivers) {
      const answer = await sendRequest(url, request.make({ secret, key }), signal)
      const passed = answer.status === 401 && answer.code === request.code
      yield { request, receiver: name, answer, passed }
    }
  }
}
