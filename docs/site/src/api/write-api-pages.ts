import { Application, Converter, PageEvent, ReflectionKind, type TypeDocOptions } from 'typedoc'
import type { PluginOptions } from 'typedoc-plugin-markdown'
import type { EntryPoint } from './entry-points.ts'

/** How the pages look: a table where many short things are listed. Declarations are text, so the types in them are links. */
const layout: Partial<PluginOptions> = {
  outputFileStrategy: 'modules',
  hidePageHeader: true,
  hideBreadcrumbs: true,
  parametersFormat: 'table',
  interfacePropertiesFormat: 'table',
  classPropertiesFormat: 'table',
  typeDeclarationFormat: 'table',
  propertyMembersFormat: 'table',
  tableColumnSettings: {
    hideSources: true,
    hideInherited: true,
    hideOverrides: true,
    leftAlignHeaders: true,
  },
  sanitizeComments: true,
}

/**
 * Writes one Markdown page for each entry point into `folder`, made from the types and comments in the sources.
 *
 * TypeDoc has a TypeScript of its own, which is older than the repository's. It reads the sources and does not check them:
 * `pnpm test:types` does.
 *
 * @throws Error when a comment links to a name that is not there, or describes a parameter that is not there.
 */
export async function writeApiPages(
  entryPoints: readonly EntryPoint[],
  { folder, root, tsconfig }: { folder: string; root: string; tsconfig: string },
): Promise<void> {
  const pages = new Map(entryPoints.map(({ file, page }) => [file, page]))
  const options: TypeDocOptions = {
    plugin: ['typedoc-plugin-markdown'],
    entryPoints: [...pages.keys()],
    tsconfig,
    skipErrorChecking: true,
    name: 'API reference',
    readme: 'none',
    basePath: root,
    displayBasePath: root,
    disableGit: true,
    gitRevision: 'main',
    sourceLinkTemplate: 'https://github.com/taskhook/taskhook/blob/main/{path}#L{line}',
    excludeExternals: true,
    excludePrivate: true,
    excludeInternal: true,
    // Types that are built from others, such as a schema's, name types that are not exported. They are shown as code.
    validation: { invalidLink: true, invalidPath: true, notExported: true, notDocumented: false },
    sortEntryPoints: false,
    logLevel: 'Warn',
    ...layout,
  }
  const application = await Application.bootstrapWithPlugins(options)
  application.converter.on(Converter.EVENT_RESOLVE_BEGIN, ({ project }) => {
    // The name becomes the name of the page.
    for (const entry of project.getReflectionsByKind(ReflectionKind.Module)) {
      entry.name = pages.get(project.getSymbolIdFromReflection(entry)?.fileName ?? '') ?? entry.name
    }
    // An options object that is taken apart where it comes in has no name in the source.
    for (const parameter of project.getReflectionsByKind(ReflectionKind.Parameter)) {
      if (parameter.name === '__namedParameters') parameter.name = 'options'
    }
  })
  application.renderer.on(PageEvent.END, (page) => {
    const entryPoint = entryPoints.find((entry) => `${entry.page}.md` === page.url)
    page.contents =
      entryPoint === undefined
        ? renderList(entryPoints)
        : (page.contents ?? '').replace(/^# .*$/m, () => renderHeading(entryPoint))
  })
  const project = await application.convert()
  if (project === undefined) throw new Error('TypeDoc cannot read the sources.')
  application.validate(project)
  application.options.setValue('out', folder)
  await application.generateOutputs(project)
  if (application.logger.hasErrors() || application.logger.hasWarnings())
    throw new Error('The comments of the API reference have the faults above.')
}

function renderHeading({ name, folder }: EntryPoint): string {
  const what = folder === 'cli' ? 'the command' : 'the package'
  return `# ${name}\n\nWhat \`import { … } from '${name}'\` can name. [The page of ${what}](/packages/${folder}/) shows how it is used.`
}

function renderList(entryPoints: readonly EntryPoint[]): string {
  const links = entryPoints.map(({ name, page }) => `- [\`${name}\`](${page}.md)`)
  return [
    '# API reference',
    '',
    'Everything that the packages export, made from the comments in their sources.',
    '',
    ...links,
    '',
  ].join('\n')
}
