import { heading, type Print } from './table.ts'

/** Where acts are shown: each begins with its number, its title and what it is about. */
export interface Stage {
  print: Print
  beginAct(title: string, ...narration: readonly string[]): void
  /** Says what comes next within an act. */
  narrate(...narration: readonly string[]): void
}

/** Makes a stage that prints to `print`. */
export function createStage(print: Print): Stage {
  let number = 0
  function narrate(...narration: readonly string[]): void {
    for (const line of narration) print(`  ${line}`)
    print('')
  }
  return {
    print,
    narrate,
    beginAct(title, ...narration) {
      number += 1
      print(heading(`Act ${number}: ${title}`))
      narrate(...narration)
    },
  }
}
