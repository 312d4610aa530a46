export { judgeOrder } from './ordering/judge-order.ts'
export { orderingVectors } from './ordering/ordering-vectors.ts'
export { isForAnyReceiver, judgeAnswer } from './vectors/judge-answer.ts'
export { receiverVectors } from './vectors/receiver-vectors.ts'

export type { AnswerVerdict } from './vectors/judge-answer.ts'
export type { ObservedAttempt, OrderingVector, OrderProblem, SentEvent } from './ordering/ordering-vector.ts'
export type {
  Feature,
  ReceiverVector,
  VectorExpectation,
  VectorReceiver,
  VectorRequest,
  VectorSituation,
} from './vectors/receiver-vector.ts'
export type { VectorContext } from './vectors/vector-context.ts'
