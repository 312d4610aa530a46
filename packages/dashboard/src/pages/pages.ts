import { deliveriesPage } from './deliveries.ts'
import { deliveryPage } from './delivery.ts'
import { jobPage, jobsPage } from './jobs.ts'
import { overviewPage } from './overview.ts'
import type { Page } from './page.ts'
import { previewPage } from './preview.ts'
import { taskPage } from './task.ts'

/** The pages, by the path below the dashboard's own. */
export const pages: ReadonlyMap<string, Page> = new Map([
  ['', overviewPage],
  ['deliveries', deliveriesPage],
  ['delivery', deliveryPage],
  ['task', taskPage],
  ['action', previewPage],
  ['jobs', jobsPage],
  ['job', jobPage],
])
