/**
 * A text without the passwords of the URLs in it. Everything that is written to the error output passes through this,
 * because messages quote arguments and any argument may be a URL.
 */
export function redact(text: string): string {
  return (
    text
      // To the last @ before the end of the authority: a password that was not encoded may hold one too.
      .replaceAll(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*):[^\s/]*@/gi, '$1:***@')
      .replaceAll(/\b(password|passwd|pwd|secret|token)=[^\s&"'`]+/gi, '$1=***')
  )
}
