import { readdirSync } from 'node:fs'
import { createRequire } from 'node:module'
import { writeFile } from 'node:fs/promises'
import path from 'node:path'
import { defineConfig, type DefaultTheme, type UserConfig } from 'vitepress'
import { findEntryPoints } from '../src/api/entry-points.ts'
import { findDeadAnchors } from '../src/dead-anchors.ts'
import { toHeadingAnchor } from '../src/heading-anchor.ts'
import { type PageGroup, toLlmsText } from '../src/llms-text.ts'
import { type LinkToken, toSiteLink, toSitePage } from '../src/site-links.ts'

const root = path.resolve(import.meta.dirname, '../../..')
const vue = path.dirname(createRequire(import.meta.url).resolve('vue/package.json'))

const config: UserConfig<DefaultTheme.Config> = defineConfig({
  title: 'taskhook',
  description: 'Webhooks for task changes, both sides of the wire, in TypeScript',
  lang: 'en',
  // The pages are the files that GitHub and npm show. There is no copy of any.
  srcDir: root,
  srcExclude: [
    '**/node_modules/**',
    '**/CHANGELOG.md',
    '.*/**',
    'packages/*/fixtures/**',
    'docs/site/**',
    '**/.tmp/**',
  ],
  rewrites: toSitePage,
  cleanUrls: true,
  // Pages outside of this package do not find its Vue by themselves.
  vite: {
    resolve: {
      alias: [
        { find: /^vue\/server-renderer$/, replacement: path.join(vue, 'server-renderer/index.mjs') },
        { find: /^vue$/, replacement: path.join(vue, 'dist/vue.runtime.esm-bundler.js') },
      ],
    },
  },
  // A dead link ends the build; `toSiteLink` refuses those to files.
  ignoreDeadLinks: false,
  markdown: {
    // Text such as <id> is text. Only the generated pages need HTML: their tables have anchors.
    html: false,
    anchor: { slugify: toHeadingAnchor },
    config(markdown) {
      markdown.core.ruler.before('normalize', 'html', ({ env }) => {
        markdown.set({ html: path.relative(root, env.realPath ?? env.path).startsWith('docs/api/') })
      })
      markdown.core.ruler.push('site-links', ({ tokens, env }) => {
        const file = path.relative(root, env.realPath ?? env.path)
        for (const token of tokens.flatMap(({ children }) => children ?? [])) moveLink(token, file)
      })
    },
  },
  async buildEnd({ outDir, site: { title, description, themeConfig } }) {
    await writeFile(
      path.join(outDir, 'llms.txt'),
      toLlmsText({ title, description }, themeConfig.sidebar as PageGroup[]),
    )
    const dead = findDeadAnchors(outDir)
    if (dead.length > 0) throw new Error(`These links lead to no heading:\n${dead.join('\n')}`)
  },
  themeConfig: {
    search: { provider: 'local' },
    outline: [2, 3],
    nav: [
      { text: 'Receive', link: '/docs/start/receiver' },
      { text: 'Send', link: '/docs/start/sender' },
      { text: 'Operate', link: '/docs/start/operator' },
      { text: 'API', link: '/docs/api/' },
      { text: 'Error codes', link: '/docs/errors/' },
    ],
    sidebar: [
      {
        text: 'Start',
        items: [
          { text: 'What it is', link: '/' },
          { text: 'Receive in five minutes', link: '/docs/start/receiver' },
          { text: 'Send in five minutes', link: '/docs/start/sender' },
          { text: 'Operate in five minutes', link: '/docs/start/operator' },
          { text: 'The rules, and where they come from', link: '/docs/specification' },
          { text: 'Compared with others', link: '/docs/comparison' },
        ],
      },
      {
        text: 'Guides',
        items: [
          { text: 'Frameworks', link: '/docs/frameworks' },
          { text: 'The signature does not match', link: '/docs/signature-mismatch' },
          { text: 'Ed25519', link: '/docs/ed25519' },
          { text: 'Dedupe stores', link: '/docs/dedupe-stores' },
          { text: 'Telemetry of a receiver', link: '/docs/receiver-telemetry' },
          { text: 'Several machines', link: '/docs/scaling' },
          { text: 'PostgreSQL in operation', link: '/docs/postgres' },
          { text: 'Citus and YugabyteDB', link: '/docs/citus-yugabyte' },
          { text: 'Attempts that fail, hang or crash', link: '/docs/failed-attempts' },
          { text: 'What survives a fault', link: '/docs/faults' },
          { text: 'Faults at receivers', link: '/docs/faults-receivers' },
          { text: 'Monitoring a sender', link: '/docs/monitoring' },
          { text: 'Operators', link: '/docs/operators' },
        ],
      },
      { text: 'Runbooks', collapsed: true, items: list('docs/runbooks') },
      { text: 'Packages', items: listPackages() },
      { text: 'API reference', collapsed: true, items: listApi() },
      { text: 'Error codes', collapsed: true, items: list('docs/errors') },
      { text: 'Decisions', collapsed: true, items: list('docs/decisions') },
      {
        text: 'The project',
        collapsed: true,
        items: [
          { text: 'Architecture', link: '/ARCHITECTURE' },
          { text: 'Contributing', link: '/CONTRIBUTING' },
          { text: 'Security', link: '/SECURITY' },
          { text: 'Releasing', link: '/docs/releasing' },
          { text: 'Figures', link: '/bench/' },
        ],
      },
    ],
    socialLinks: [{ icon: 'github', link: 'https://github.com/taskhook/taskhook' }],
  },
})
// VitePress reads the default export.
// oxlint-disable-next-line import/no-default-export
export default config

function moveLink(token: LinkToken, file: string): void {
  const link = token.type === 'link_open' ? token.attrGet('href') : null
  if (link !== null) token.attrSet('href', toSiteLink(link, { file, root }))
}

/** The pages of a folder, its list first. */
function list(folder: string): DefaultTheme.SidebarItem[] {
  const names = readdirSync(path.join(root, folder)).filter((name) => /^[^R].*\.md$/.test(name))
  const pages = names.map((name) => path.basename(name, '.md')).toSorted()
  return [
    { text: 'All', link: `/${folder}/` },
    ...pages.map((name) => ({ text: name, link: `/${folder}/${name}` })),
  ]
}

/** Every entry point. The pages are there after `pnpm site` has made them. */
function listApi(): DefaultTheme.SidebarItem[] {
  const entryPoints = findEntryPoints(path.join(root, 'packages'))
  return entryPoints.map(({ name, page }) => ({ text: name, link: `/docs/api/${page}` }))
}

function listPackages(): DefaultTheme.SidebarItem[] {
  return readdirSync(path.join(root, 'packages')).map((name) => ({
    text: name === 'cli' ? 'taskhook (the command)' : `@taskhook/${name}`,
    link: `/packages/${name}/`,
  }))
}
