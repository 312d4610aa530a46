/** Where sender processes keep their outbox. */
export interface OutboxStore extends AsyncDisposable {
  /** As `createSender` takes it. */
  url: string
  /** Looks into it, past everything of ours. */
  inspect(): Promise<OutboxContent>
}

/** What an outbox holds. */
export interface OutboxContent {
  /** How many deliveries are in each state. */
  states: Record<string, number>
  /** What the database says of its own files: `ok`. */
  integrity: string
}
