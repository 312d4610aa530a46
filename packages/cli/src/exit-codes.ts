/** What the command's exit code says. */
export const exitCodes = {
  /** What was asked is done. */
  done: 0,
  /** A check failed, or a delivery did; `status` and `doctor`: an operator has to act. */
  failed: 1,
  /** The command line is wrong, and nothing was done. */
  usage: 2,
  /** The delivery, task or endpoint is not known. */
  notFound: 3,
  /** The outbox, or the endpoint, cannot be reached. */
  unavailable: 4,
  /** A fault of taskhook itself; please report it. */
  fault: 70,
  /** What was printed could not be written: the disk of its file is full, for example. */
  unwritable: 74,
  /** Ended by Ctrl-C. */
  interrupted: 130,
} as const
