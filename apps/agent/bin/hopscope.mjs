#!/usr/bin/env node
import { existsSync } from 'node:fs'

const built = new URL('../dist/cli.mjs', import.meta.url)
if (!existsSync(built)) {
  console.error('hopscope is not built yet. Run "npm start" or "npm run build" first.')
  process.exit(69)
}
await import(built.href)
