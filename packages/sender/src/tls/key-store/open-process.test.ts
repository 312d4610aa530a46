import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'
import { startScript } from '../../testing/process.ts'

test('what reads key stores is loaded with the first key store, and not with the package', async () => {
  const sslKeyFile = fileURLToPath(new URL('../../../fixtures/trust-java.p12', import.meta.url))
  const { ended } = startScript(`
    import module from 'node:module'
    const isLoaded = () => Object.keys(module._cache).some((file) => file.includes('node-forge'))
    const config = { enabled: true, endpoint: 'https://127.0.0.1/', useSslTrustAll: false }
    const withoutFile = await taskhook.createEndpoint(config)
    console.log(isLoaded())
    const withFile = await taskhook.createEndpoint({
      ...config,
      sslKeyFile: ${JSON.stringify(sslKeyFile)},
      sslKeyPassword: 'changeit',
    })
    console.log(isLoaded())
    await Promise.all([withoutFile.close(), withFile.close()])
  `)
  expect(await ended).toMatchObject({ exitCode: 0, stdout: 'false\ntrue\n' })
})
