import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { OutboxError, type Outbox } from '@taskhook/outbox'
import axe from 'axe-core'
import type { Browser, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createDashboard, type DashboardOptions } from './create-dashboard.ts'
import { createDemoOutbox, demoTime, hostileAnswer } from './testing/demo-outbox.ts'
import { openPage, serveDashboard, startBrowser, type ServedDashboard } from './testing/open-browser.ts'

const pictures = path.join(import.meta.dirname, '../../../docs/pictures')
const task = '07c6ad8c-5a9e'
const refused = `delivery?outbox=outbox&id=${task}-OrderCreated-archive`
const pages = {
  overview: './',
  deliveries: 'deliveries',
  task: `task?id=${task}`,
  delivery: refused,
  preview: 'action?do=resend-all&outbox=outbox&state=exhausted',
  jobs: 'jobs',
} as const

let browser: Browser
beforeAll(async () => {
  browser = await startBrowser()
}, 120_000)
afterAll(() => browser.close())

const now = (): number => demoTime + 20 * 60_000
const status = (page: Page) => page.getByRole('status').first()
const record = (orderingKey: string, endpointId = 'crm') => ({
  endpointId,
  orderingKey,
  type: 'OrderSigned',
  payload: '{}',
})

async function serveDemo(
  options: Partial<DashboardOptions> = {},
): Promise<ServedDashboard & { outbox: Outbox }> {
  const outbox = await createDemoOutbox()
  const served = await serveDashboard(
    createDashboard({ outbox, access: () => ({ level: 'operate', actor: 'ada' }), now, ...options }),
  )
  return { ...served, outbox }
}

/** What axe finds. */
async function findViolations(page: Page, rules: readonly string[]): Promise<string[]> {
  await page.evaluate(axe.source)
  return page.evaluate(async (runOnly) => {
    const { axe: checker } = globalThis as unknown as { axe: { run(options: object): Promise<AxeResult> } }
    const { violations } = await checker.run({ runOnly })
    return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html).join(' ')}`)
  }, rules)
}

interface AxeResult {
  violations: { id: string; nodes: { html: string }[] }[]
}

describe('every page', () => {
  test.each([
    ['light', ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice']],
    // Nothing else differs.
    ['dark', ['color-contrast']],
  ] as const)('has no violation of WCAG 2.2 AA, in %s', async (colorScheme, rules) => {
    const page = await openPage(browser, await serveDemo(), { colorScheme })
    for (const address of Object.values(pages)) {
      await page.goto(address)
      expect([address, await findViolations(page, rules)]).toEqual([address, []])
    }
  })

  test('fits 360 pixels, and a wall', async () => {
    const page = await openPage(browser, await serveDemo())
    for (const width of [360, 3840]) {
      await page.setViewportSize({ width, height: 800 })
      for (const address of Object.values(pages)) {
        await page.goto(address)
        const overflow = await page.evaluate<number>('document.documentElement.scrollWidth - innerWidth')
        expect(overflow, `${address} at ${width}`).toBeLessThanOrEqual(0)
      }
    }
  })

  test('is complete without JavaScript', async () => {
    const { outbox, ...served } = await serveDemo()
    const page = await openPage(browser, served, { javaScriptEnabled: false })
    await page.goto('./')
    await page.getByLabel('Task').fill(task)
    await page.getByRole('button', { name: 'Find' }).click()
    await page.getByRole('link', { name: 'pending for its retry' }).first().click()
    await page.getByRole('link', { name: 'Cancel…' }).click()
    await page.getByRole('button', { name: 'Cancel a delivery' }).click()
    expect(await page.getByText('It was canceled.').isVisible()).toBe(true)
    expect(await outbox.deliveries.get(`${task}-OrderCreated-archive`)).toMatchObject({ state: 'canceled' })
  })

  // The documentation shows them. UPDATE_PICTURES=1 writes them anew; two machines have not quite the same fonts.
  test('can be taken a picture of', async () => {
    const page = await openPage(browser, await serveDemo(), { viewport: { width: 1200, height: 760 } })
    await page.clock.setFixedTime(now())
    for (const name of ['overview', 'task', 'delivery', 'deliveries'] as const) {
      await page.goto(pages[name])
      await page.getByText('Live', { exact: true }).waitFor()
      const picture = await page.screenshot()
      expect(picture.length).toBeGreaterThan(10_000)
      if (process.env['UPDATE_PICTURES'] !== undefined) {
        await writeFile(path.join(pictures, `dashboard-${name}.png`), picture)
      }
    }
  })
})

describe("a receiver's answer", () => {
  test('full of markup is text', async () => {
    const page = await openPage(browser, await serveDemo())
    await page.goto(refused)
    expect(await page.getByRole('region', { name: 'Body of the answer' }).textContent()).toBe(hostileAnswer)
    expect(await page.getByText('refuses the signature').isVisible()).toBe(true)
  })

  test('cannot turn the text beside it around, nor can an id', async () => {
    const page = await openPage(browser, await serveDemo())
    await page.goto(refused)
    for (const selector of ['pre', '.id']) {
      const style = `getComputedStyle(document.querySelector('${selector}')).unicodeBidi`
      expect(await page.evaluate<string>(style)).toBe('isolate')
    }
  })
})

describe('the keyboard', () => {
  test('reaches the content at once, and everything else in the order of the page', async () => {
    const page = await openPage(browser, await serveDemo())
    await page.goto('./')
    await page.keyboard.press('Tab')
    expect(await page.locator(':focus').textContent()).toBe('Skip to the content')
    await page.keyboard.press('Enter')
    await page.keyboard.press('Tab')
    expect(await page.locator(':focus').evaluate((element) => element.closest('main') !== null)).toBe(true)
  })

  test('resends all that match, from the list to the end of the job', async () => {
    const { outbox, ...served } = await serveDemo()
    const page = await openPage(browser, served)
    await page.goto('deliveries?state=exhausted')
    await page.getByRole('link', { name: 'Resend all exhausted' }).focus()
    await page.keyboard.press('Enter')
    await page.getByLabel('Deliveries a second').fill('1000')
    await page.keyboard.press('Enter')
    await page.getByText('done, 6 of 6 changed').waitFor()
    await outbox.idle()
    expect(await outbox.deliveries.get(`${task}-OrderCreated-billing`)).toMatchObject({ attemptCount: 2 })
  })

  test('stays where it is when the page changes', async () => {
    const { outbox, ...served } = await serveDemo()
    const page = await openPage(browser, served)
    await page.goto(`task?id=${task}`)
    await page.getByText('Live', { exact: true }).waitFor()
    const link = page.getByRole('link', { name: /delivered ?, OrderSigned/ })
    await link.focus()
    await outbox.enqueue([{ endpointId: 'crm', orderingKey: task, type: 'OrderExpired', payload: '{}' }])
    await page.getByRole('rowheader', { name: 'OrderExpired' }).waitFor()
    expect(await link.evaluate((element) => element === element.ownerDocument.activeElement)).toBe(true)
  })
})

describe('actions', () => {
  test('pause an endpoint and resume it', async () => {
    const { outbox, ...served } = await serveDemo()
    const page = await openPage(browser, served)
    await page.goto('./')
    await page.getByRole('link', { name: 'Resume reports' }).click()
    await page.getByRole('button', { name: 'Resume reports' }).click()
    await page.getByRole('link', { name: 'Pause reports' }).click()
    await page.getByRole('button', { name: 'Pause reports' }).click()
    await page.getByRole('link', { name: 'Resume reports' }).waitFor()
    const endpoints = await outbox.endpoints.list()
    expect(endpoints.find(({ id }) => id === 'reports')).toMatchObject({ paused: { reason: 'operator' } })
  })

  test('resend a delivery, and copy its request', async () => {
    const served = await serveDemo()
    const page = await openPage(browser, served)
    await page.context().grantPermissions(['clipboard-read', 'clipboard-write'])
    await page.goto(refused)
    await page.getByRole('button', { name: 'Copy: The request as curl' }).click()
    await page.getByText('Copied').waitFor()
    expect(await page.evaluate<string>('navigator.clipboard.readText()')).toContain(
      `webhook-id: ${task}-OrderCreated-archive`,
    )
    await page.getByRole('link', { name: 'Resend…' }).click()
    await page.getByRole('button', { name: 'Resend a delivery' }).click()
    await page.getByRole('heading', { name: 'Attempt 2' }).waitFor()
  })

  test('ask for the number of more than a hundred, and can be stopped', async () => {
    const { outbox, ...served } = await serveDemo()
    const accepted = await outbox.enqueue(
      Array.from({ length: 120 }, (_, index) => record(`task-${index}`, 'reports')),
    )
    for (const { id } of accepted) await outbox.deliveries.cancel(id)
    const page = await openPage(browser, served)
    await page.goto('action?do=resend-all&outbox=outbox&state=canceled&endpoint=reports')
    await page.getByRole('button', { name: 'Resend all canceled' }).click()
    // The browser asks for the number before it sends anything.
    expect(
      await page
        .getByLabel('Type 120 to confirm')
        .evaluate((field) => field === field.ownerDocument.activeElement),
    ).toBe(true)
    await page.getByLabel('Type 120 to confirm').fill('120')
    await page.getByLabel('Deliveries a second').fill('0.1')
    await page.getByRole('button', { name: 'Resend all canceled' }).click()
    await page.getByRole('button', { name: 'Stop' }).click()
    await page.getByText(/stopped, \d+ of 120 changed/).waitFor()
  })
})

describe('live', () => {
  test('shows what happens, and is paused while the page is hidden', async () => {
    const { outbox, ...served } = await serveDemo()
    const page = await openPage(browser, served)
    await page.goto('deliveries')
    await page.getByText('Live', { exact: true }).waitFor()
    await outbox.enqueue([record('seen-at-once')])
    await page.getByRole('link', { name: 'seen-at-once' }).waitFor()
    await setVisibility(page, 'hidden')
    await page.getByText('Paused', { exact: true }).waitFor()
    await outbox.enqueue([record('seen-later')])
    await setVisibility(page, 'visible')
    await page.getByRole('link', { name: 'seen-later' }).waitFor()
    expect(await status(page).textContent()).toBe('Live')
  })

  test('says that its process is gone, and is right again after a restart', async () => {
    const { outbox, kill, restart, ...served } = await serveDemo()
    const page = await openPage(browser, served)
    await page.goto('deliveries')
    await page.getByText('Live', { exact: true }).waitFor()
    await kill()
    await page.getByText('Not connected').waitFor()
    await outbox.enqueue([
      { endpointId: 'crm', orderingKey: 'meanwhile', type: 'OrderSigned', payload: '{}' },
    ])
    await restart()
    await page.getByRole('link', { name: 'meanwhile' }).waitFor()
    expect(await status(page).textContent()).toBe('Live')
  })

  test('says that the database is away, and is right when it is back', async () => {
    const outbox = await createDemoOutbox()
    let isAway = false
    const guarded = guard(outbox, () => isAway)
    const page = await openPage(browser, await serveDemo({ outbox: guarded }))
    await page.goto('deliveries')
    await page.getByText('Live', { exact: true }).waitFor()
    isAway = true
    await outbox.enqueue([
      { endpointId: 'crm', orderingKey: 'meanwhile', type: 'OrderSigned', payload: '{}' },
    ])
    await page.getByText('The outbox does not answer').waitFor()
    expect(await page.getByRole('row').count()).toBeGreaterThan(10)
    isAway = false
    await page.getByRole('link', { name: 'meanwhile' }).waitFor()
    expect(await status(page).textContent()).toBe('Live')
  })
})

async function setVisibility(page: Page, state: 'hidden' | 'visible'): Promise<void> {
  await page.evaluate(`
    Object.defineProperty(document, 'visibilityState', { value: '${state}', configurable: true })
    document.dispatchEvent(new Event('visibilitychange'))
  `)
}

/** The same outbox, which does not answer lookups while it is away. */
function guard(outbox: Outbox, isAway: () => boolean): Outbox {
  const list: Outbox['deliveries']['list'] = async (filter) => {
    if (isAway()) throw new OutboxError('ledger_unavailable', 'away')
    return outbox.deliveries.list(filter)
  }
  return { ...outbox, deliveries: { ...outbox.deliveries, list } }
}
