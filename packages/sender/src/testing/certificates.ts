import {
  createPrivateKey,
  generateKeyPairSync,
  randomBytes,
  sign,
  X509Certificate,
  type KeyPairKeyObjectResult,
} from 'node:crypto'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'

/** A certificate and its key, both PEM. */
export interface TestingIdentity {
  certificate: string
  privateKey: string
}

/** What a {@link createIdentity} is to be. */
export interface IdentityOptions {
  name: string
  /** Who signs. Default: itself. */
  issuer?: TestingIdentity
  /** Whether it may sign others. Default `false`. */
  isAuthority?: boolean
  /** Names and addresses that it is valid for. Default: none. */
  hosts?: readonly string[]
  /** Default: a new one on P-256. */
  keyPair?: KeyPairKeyObjectResult
  /** Default: yesterday. */
  notBefore?: Date
  /** Default: tomorrow. */
  notAfter?: Date
}

const dayInMs = 86_400_000

/** Where a committed key store is. */
export function fixture(name: string): string {
  return fileURLToPath(new URL(`../../fixtures/${name}`, import.meta.url))
}

/** A file that is there until the test is over. */
export async function writePem(...contents: readonly string[]): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'taskhook-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const file = join(folder, 'store.pem')
  await writeFile(file, contents.join(''))
  return file
}

/** Makes an X.509 certificate (RFC 5280), signed with P-256. node:crypto reads certificates but writes none. */
export function createIdentity({
  name,
  issuer,
  isAuthority = false,
  hosts = [],
  keyPair: { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  notBefore = new Date(Date.now() - dayInMs),
  notAfter = new Date(Date.now() + dayInMs),
}: IdentityOptions): TestingIdentity {
  const signer = issuer === undefined ? privateKey : createPrivateKey(issuer.privateKey)
  const issuerName =
    issuer === undefined ? name : new X509Certificate(issuer.certificate).subject.replace('CN=', '')

  const extensions = [extension('551d13', sequence(isAuthority ? der(0x01, [0xff]) : ''))]
  if (hosts.length > 0) extensions.push(extension('551d11', sequence(...hosts.map(generalName))))
  const toBeSigned = sequence(
    der(0xa0, der(0x02, [2])), // version 3
    der(0x02, [1], randomBytes(8)), // serial number
    ecdsaWithSha256,
    distinguishedName(issuerName),
    sequence(generalizedTime(notBefore), generalizedTime(notAfter)),
    distinguishedName(name),
    publicKey.export({ format: 'der', type: 'spki' }),
    der(0xa3, sequence(...extensions)),
  )
  const signature = sign('sha256', toBeSigned, signer)
  const certificate = sequence(toBeSigned, ecdsaWithSha256, der(0x03, [0], signature))
  return {
    certificate: new X509Certificate(certificate).toString(),
    privateKey: privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  }
}

type Bytes = Uint8Array | readonly number[] | string

/** Tag, length, content (X.690); strings are hexadecimal. */
function der(tag: number, ...contents: readonly Bytes[]): Buffer {
  const content = Buffer.concat(
    contents.map((part) => (typeof part === 'string' ? Buffer.from(part, 'hex') : Buffer.from(part))),
  )
  const { length } = content
  const lengthBytes =
    length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff]
  return Buffer.from([tag, ...lengthBytes, ...content])
}

const sequence = (...contents: readonly Bytes[]): Buffer => der(0x30, ...contents)
const objectIdentifier = (hex: string): Buffer => der(0x06, hex)
const ecdsaWithSha256 = sequence(objectIdentifier('2a8648ce3d040302'))

function distinguishedName(commonName: string): Buffer {
  return sequence(der(0x31, sequence(objectIdentifier('550403'), der(0x0c, Buffer.from(commonName)))))
}

function generalizedTime(date: Date): Buffer {
  return der(0x18, Buffer.from(`${date.toISOString().replaceAll(/\D/g, '').slice(0, 14)}Z`))
}

function extension(identifier: string, value: Buffer): Buffer {
  return sequence(objectIdentifier(identifier), der(0x04, value))
}

function generalName(host: string): Buffer {
  return isIP(host) === 4 ? der(0x87, host.split('.').map(Number)) : der(0x82, Buffer.from(host))
}
