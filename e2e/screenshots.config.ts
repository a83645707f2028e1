import { defineConfig } from '@playwright/test'
import base from './playwright.config.ts'

// `npm run screenshots`: pictures, not tests. They are written to docs/screenshots.
export default defineConfig({ ...base, testMatch: 'screenshots.ts', reporter: 'list', timeout: 300_000 })
