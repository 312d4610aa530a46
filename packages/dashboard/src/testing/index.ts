export { openPage, serveDashboard, startBrowser } from './open-browser.ts'

export type { ServedDashboard } from './open-browser.ts'
