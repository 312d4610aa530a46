import express from 'express'
import express4 from 'express4'
import { startExpress } from './express-receiver.ts'
import { startFastify } from './fastify-receiver.ts'
import { startHandle, startKoa } from './handle-receiver.ts'
import type { StartReceiver } from './receiver.ts'
import { startHono, startNode } from './web-receiver.ts'

/** One adapter on one framework. */
export type ReceiverName = 'Express 5' | 'Express 4' | 'Fastify' | 'Hono' | 'node:http' | 'handle' | 'Koa'

/** Every adapter, on every framework that it is promised to work with. */
export const receivers: Record<ReceiverName, StartReceiver> = {
  'Express 5': startExpress(express),
  'Express 4': startExpress(express4),
  Fastify: startFastify,
  // The global Request stays Node's own, for the last one.
  Hono: startHono({ overrideGlobalObjects: false }),
  'node:http': startNode,
  handle: startHandle,
  Koa: startKoa,
}

/** The names, for `describe.each`. */
export const receiverNames = Object.keys(receivers) as ReceiverName[]
