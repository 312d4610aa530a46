import { channel, type Channel } from 'node:diagnostics_channel'

/** An action that someone took on a page, as it is published when it ended. */
export interface ActionMessage {
  /** The name of the outbox. */
  outbox: string
  action: 'resend' | 'cancel' | 'pause' | 'resume'
  /** What `access` said of who it was; not there when it said nothing. */
  actor?: string
  /** Of one delivery. */
  deliveryId?: string
  /** Of an endpoint that was paused or resumed. */
  endpointId?: string
  /** Of all that match. */
  filter?: Readonly<Record<string, string>>
  /** How many deliveries or endpoints were changed. */
  changed: number
  /** `stopped` when it was stopped on its page before its end, `failed` when the outbox did not answer. */
  outcome: 'done' | 'stopped' | 'failed'
  error?: unknown
}

/** The `node:diagnostics_channel` channels of all dashboards in this process. An {@link ActionMessage} for each action. */
export const channels: { readonly action: Channel } = { action: channel('taskhook.dashboard.action') }
