import { type Browser, chromium } from '@playwright/test'
import { CHROMIUM } from '../../e2e/chromium.ts'

/** Chromium without a GPU, as on a machine that has none. */
export const launch = (): Promise<Browser> => chromium.launch(CHROMIUM)
