/** The fenced code of one language in Markdown, in order. */
export function findSnippets(markdown: string, language: string): string[] {
  const fence = new RegExp(`^\`\`\`${language}\\n(.*?)^\`\`\`$`, 'gms')
  return [...markdown.matchAll(fence)].map(([, code = '']) => code)
}
