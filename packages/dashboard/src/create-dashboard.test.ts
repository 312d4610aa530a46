import { describe, expect, test } from 'vitest'
import { createDashboard } from './create-dashboard.ts'
import { openTestDashboard } from './testing/open-test-dashboard.ts'

const everything = [
  '',
  'deliveries',
  'delivery?id=1',
  'task?id=1',
  'action?do=pause&endpoint=crm',
  'jobs',
  'live?view=',
  'assets/dashboard.js',
]

describe('access', () => {
  test('is closed without a function that says who may look', async () => {
    const { outbox } = await openTestDashboard()
    const dashboard = createDashboard({ outbox })
    for (const path of everything) {
      const response = await dashboard(new Request(`http://ops.example/${path}`))
      expect(response.status).toBe(403)
      expect(await response.text()).toContain('"access"')
    }
  })

  test.each([
    ['none'],
    [{ level: 'none' }],
    [undefined],
    [true],
    ['admin'],
    [{ level: 'Operate' }],
    [null],
    [{}],
  ])('is closed to what %j says', async (answer) => {
    const { get } = await openTestDashboard({ access: (() => answer) as never })
    for (const path of everything) expect((await get(path)).status).toBe(403)
  })

  test('is closed when the function fails, and the page does not say why', async () => {
    const { get } = await openTestDashboard({
      access: () => {
        throw new Error('the session store is away')
      },
    })
    const { status, text } = await get('')
    expect(status).toBe(500)
    expect(text).not.toContain('session store')
  })

  test('goes by the request, and may take its time', async () => {
    const { get } = await openTestDashboard({
      access: async ({ headers }) => (headers.get('cookie') === 'session=ada' ? 'read' : 'none'),
    })
    expect((await get('', { cookie: 'session=ada' })).status).toBe(200)
    expect((await get('', { cookie: 'session=eve' })).status).toBe(403)
  })

  test('to look shows no way to change anything, and lets nothing be changed', async () => {
    const { accept, get, outbox, post } = await openTestDashboard({ access: () => 'read' })
    const id = await accept()
    await outbox.idle()
    for (const path of ['', 'deliveries', `delivery?id=${id}`]) {
      expect((await get(path)).text).not.toMatch(/action\?do|method="post"/)
    }
    expect((await get(`action?do=resend&id=${id}`)).status).toBe(403)
    expect((await post({ do: 'resend', id })).status).toBe(403)
    expect(await outbox.deliveries.get(id)).toMatchObject({ attemptCount: 1 })
  })
})

describe('a response', () => {
  test.each(['', 'deliveries', 'nothing', 'assets/dashboard.css', 'jobs'])(
    'has a strict policy at /%s',
    async (path) => {
      const { get } = await openTestDashboard()
      const { response } = await get(path)
      const policy = response.headers.get('content-security-policy')!
      expect(policy).toContain("default-src 'none'")
      expect(policy).not.toContain('unsafe')
      expect(response.headers.get('x-content-type-options')).toBe('nosniff')
      expect(response.headers.get('set-cookie')).toBeNull()
      const isAsset = path.startsWith('assets')
      expect(response.headers.get('cache-control') === 'no-store').toBe(!isAsset)
    },
  )

  test('has no inline script, style or handler, and nothing from elsewhere', async () => {
    const { accept, get, outbox } = await openTestDashboard()
    const id = await accept()
    await outbox.idle()
    for (const path of [
      '',
      'deliveries',
      `delivery?id=${id}`,
      'task?id=task-1',
      `action?do=resend&id=${id}`,
    ]) {
      const { text } = await get(path)
      expect(text).not.toMatch(
        /<style|style=|<script(?! src="assets)| on[a-z]+="|javascript:|(?:src|href)="(?:https?:)?\/\//,
      )
    }
  })

  test('is 404 for what is not there, and 405 for other methods', async () => {
    const { dashboard, get } = await openTestDashboard()
    for (const path of [
      'nothing',
      'assets/../package.json',
      'assets/assets.ts',
      'task?id=none',
      'delivery?id=none',
      'live?view=none',
    ]) {
      expect((await get(path)).status).toBe(404)
    }
    const response = await dashboard(new Request('http://ops.example/', { method: 'DELETE' }))
    expect([response.status, response.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST'])
    expect((await get('deliveries?cursor=typed')).status).toBe(400)
  })
})

describe('basePath', () => {
  test('is where it is mounted, and every link stays below it', async () => {
    const { dashboard } = await openTestDashboard({ basePath: '/ops/webhooks/' })
    const get = (path: string) => dashboard(new Request(`http://ops.example${path}`))
    expect((await get('/ops/webhooks/deliveries')).status).toBe(200)
    expect((await get('/deliveries')).status).toBe(404)
    expect((await get('/ops/webhooksdeliveries')).status).toBe(404)
    const redirected = await get('/ops/webhooks?x=1')
    const location = new URL(redirected.headers.get('location')!, 'http://ops.example/ops/webhooks?x=1')
    expect(location.href).toBe('http://ops.example/ops/webhooks/?x=1')
    const links = (await (await get('/ops/webhooks/')).text()).matchAll(/(?:href|src|action)="([^"]*)"/g)
    for (const [, link = ''] of links) {
      expect(new URL(link, 'http://ops.example/ops/webhooks/').pathname).toMatch(
        /^\/ops\/webhooks\/|^\/ops\/webhooks\/$/,
      )
    }
  })
})

describe('options', () => {
  test.each<[string, object]>([
    ['outbox', { outbox: undefined }],
    ['outbox', { outbox: {} }],
    ['outbox', { outbox: [] }],
    ['outbox', { outbox: [{ name: '', outbox: {} }] }],
    ['outbox', { outbox: [{ name: 'a' }] }],
    ['access', { access: 'read' }],
    ['redact', { redact: true }],
    ['basePath', { basePath: 'ops' }],
    ['basePath', { basePath: '/ops?x' }],
    ['acess', { acess: () => 'read' }],
  ])('that cannot be are refused: %s %j', async (option, given) => {
    const { outbox } = await openTestDashboard()
    const make = (): unknown => createDashboard({ outbox, ...given })
    expect(make).toThrow(expect.objectContaining({ code: 'option_invalid', option }) as Error)
  })

  test('take several outboxes, each with a name of its own', async () => {
    const { outbox } = await openTestDashboard()
    const twice = [
      { name: 'out', outbox },
      { name: 'out', outbox },
    ]
    expect(() => createDashboard({ outbox: twice })).toThrow('twice')
  })
})
