// The errors alone, for those who must start quickly: the rest of the package brings a schema library with it.
export { OptionError } from './option-error.ts'
export { TaskhookError } from './taskhook-error.ts'

export type { TaskhookErrorClass } from './taskhook-error.ts'
