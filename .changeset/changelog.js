/**
 * The changelogs are for who uses a package: what changed for them, and nothing of commits or of the versions of siblings, which
 * are always the same.
 */
const changelog = {
  getReleaseLine: ({ summary }) => {
    const [first, ...rest] = summary.trim().split('\n')
    return Promise.resolve([`- ${first}`, ...rest.map((line) => `  ${line}`.trimEnd())].join('\n'))
  },
  getDependencyReleaseLine: () => Promise.resolve(''),
}

export default changelog
