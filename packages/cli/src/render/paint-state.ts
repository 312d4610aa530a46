import type { DeliveryState } from '@taskhook/outbox'
import type { Style } from '../output/style.ts'

/** A state in the colour that it has everywhere. */
export function paintState(state: DeliveryState, style: Style): string {
  if (state === 'delivered') return style.good(state)
  if (state === 'pending') return style.warning(state)
  return state === 'canceled' ? style.faint(state) : style.bad(state)
}
