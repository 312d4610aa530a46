import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import chromium from '@sparticuz/chromium'
import { chromium as playwright, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { expect, onTestFinished } from 'vitest'
import type { Dashboard } from '../create-dashboard.ts'
import { nodeListener } from '../node-listener.ts'

/** Starts the browser that is inside its npm package. */
export async function startBrowser(): Promise<Browser> {
  // Not its own arguments: with a single process, the browser ends with the first context that is closed.
  const args = ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage']
  return playwright.launch({ executablePath: await chromium.executablePath(), args, headless: true })
}

/** A dashboard that is served, and what a test does with its server. */
export interface ServedDashboard {
  origin: string
  /** Ends it with all its connections, as if its process died. */
  kill: () => Promise<void>
  /** Serves again at the same address. */
  restart: () => Promise<void>
}

/** Serves a dashboard below a path, as an application would. */
export async function serveDashboard(dashboard: Dashboard): Promise<ServedDashboard> {
  let server: Server | undefined
  let port = 0
  async function restart(): Promise<void> {
    const next = (server = createServer(nodeListener(dashboard)))
    await new Promise<void>((resolve) => next.listen(port, '127.0.0.1', resolve))
    ;({ port } = next.address() as AddressInfo)
  }
  async function kill(): Promise<void> {
    const current = server
    server = undefined
    current?.closeAllConnections()
    await new Promise((resolve) => (current === undefined ? resolve(undefined) : current.close(resolve)))
  }
  await restart()
  onTestFinished(kill)
  return { origin: `http://127.0.0.1:${port}`, kill, restart }
}

/** Opens a page in a context of its own. The test fails when the page breaks its policy, has an error, or asks another host for something. */
export async function openPage(
  browser: Browser,
  { origin }: Pick<ServedDashboard, 'origin'>,
  options: BrowserContextOptions = {},
): Promise<Page> {
  const context = await browser.newContext({ reducedMotion: 'reduce', baseURL: `${origin}/`, ...options })
  const problems: string[] = []
  const page = await context.newPage()
  // Shorter than a test may take, so that what was waited for is said.
  page.setDefaultTimeout(20_000)
  page.on('pageerror', (error) => problems.push(`error: ${error.message}`))
  page.on('console', (message) => {
    // A violation of the policy is said on the console.
    if (message.text().includes('Content Security Policy')) problems.push(message.text())
  })
  page.on('dialog', (dialog) => {
    problems.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('request', (request) => {
    if (!request.url().startsWith(`${origin}/`)) problems.push(`request: ${request.url()}`)
  })
  onTestFinished(async () => {
    await context.close()
    expect(problems).toEqual([])
  })
  return page
}
