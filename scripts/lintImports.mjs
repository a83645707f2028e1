// Runs dependency-cruiser over apps and packages with the rules of .dependency-cruiser.cjs.
import { join } from 'node:path'
import swc from '@swc/core'
import { root } from './ensure.mjs'

// dependency-cruiser asks swc for TypeScript without JSX, whatever the file is called. TypeScript 7 has no parser for it to use instead.
const parse = swc.parseFileSync
swc.parseFileSync = (file, options) => parse(file, { ...options, tsx: file.endsWith('.tsx') })

process.argv.splice(
  2,
  process.argv.length,
  '--config',
  join(root, '.dependency-cruiser.cjs'),
  'apps',
  'packages',
  'bench',
)
process.chdir(root)
await import(join(root, 'node_modules/dependency-cruiser/bin/dependency-cruise.mjs'))
