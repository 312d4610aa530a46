const causes = new WeakMap<object, unknown>()

/** Keeps what was thrown in an attempt beside its report, for logs and warnings of this process: a ledger has its message alone. */
export function keepCause<R extends object>(report: R, cause: unknown): R {
  causes.set(report, cause)
  return report
}

/** What was thrown in the attempt of a report, if that was kept. */
export function causeOf(report: object): unknown {
  return causes.get(report)
}
