import packageJson from '../../package.json' with { type: 'json' }

/** The `user-agent` header of every request. */
export const userAgent: string = `taskhook/${packageJson.version}`
