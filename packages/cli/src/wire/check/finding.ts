import type { EndpointProbe, ListedCertificate } from '@taskhook/sender'

/** What a check says of something. */
export interface Finding {
  /** `error`: it does not work. `warning`: it works, and may not for long, or not safely. */
  level: 'error' | 'warning'
  code: string
  message: string
}

/** What was found of one endpoint. */
export interface EndpointCheck {
  endpointId?: string
  /** Without its query, in which the key is. */
  url?: string
  enabled: boolean
  findings: Finding[]
  certificates: (Pick<ListedCertificate, 'use' | 'subject' | 'issuer' | 'validFrom' | 'validTo'> & {
    file: string
  })[]
  connection?: EndpointProbe
}
