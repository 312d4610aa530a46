export { startTestServer } from './test-server.ts'

export type { TestServer, TestServerOptions } from './test-server.ts'
