import { OptionError, TaskhookError } from '@taskhook/core'
import { expect, test } from 'vitest'
import { AttemptError } from './attempt/attempt-error.ts'
import { ConfigError } from './config/config-error.ts'
import { KeyStoreError } from './tls/key-store/error.ts'

const errors = {
  ConfigError: new ConfigError('config_invalid', 'why'),
  KeyStoreError: new KeyStoreError('key_store_malformed', 'is none', {
    configKey: 'sslKeyFile',
    file: 'a.p12',
  }),
  AttemptError: new AttemptError('aborted', 'why'),
  OptionError: new OptionError('id', 'must be there'),
}
const classes = { ConfigError, KeyStoreError, AttemptError, OptionError }

test.each(Object.entries(errors))('%s is told from every other one by isInstance', (name, error) => {
  expect(error.name).toBe(name)
  expect(TaskhookError.isInstance(error)).toBe(true)
  const told = Object.entries(classes).filter(([, type]) => (type as typeof TaskhookError).isInstance(error))
  expect(told.map(([other]) => other)).toEqual([name])
})
