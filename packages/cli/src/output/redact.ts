/**
 * A text without the passwords of the URLs in it. Whatever is written to the error output goes through this: arguments are quoted
 * in messages, and a URL may be given where none belongs.
 */
export function redact(text: string): string {
  return (
    text
      // To the last @ before the end of the authority: a password that was not encoded may hold one too.
      .replaceAll(/(\b[a-z][a-z0-9+.-]*:\/\/[^\s/:@]*):[^\s/]*@/gi, '$1:***@')
      .replaceAll(/\b(password|passwd|pwd|secret|token)=[^\s&"'`]+/gi, '$1=***')
  )
}
