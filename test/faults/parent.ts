/** The options that the parent process started this one with. */
// oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- names what the parent has sent
export function optionsFromParent<T>(): T {
  return JSON.parse(process.argv[2] ?? '') as T
}

/** Tells the parent process something. */
export function tellParent(message: { kind: string } & Record<string, unknown>): void {
  process.send?.(message)
}

/** Ends this process when the parent is gone, so that no test leaves one behind. */
export function endWithParent(): void {
  process.once('disconnect', () => process.exit())
}
