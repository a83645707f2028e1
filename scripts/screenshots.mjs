// `npm run screenshots`: every screen in both themes, both languages, at 1440 and 414 px, into docs/screenshots.
import { join } from 'node:path'
import { build, install, requireNode, root, run } from './ensure.mjs'
import { ensurePackages } from './systemPackages.mjs'

requireNode()
ensurePackages()
install()
build()
run(process.execPath, [join(root, 'node_modules/@playwright/test/cli.js'), 'test', '-c', 'e2e/screenshots.config.ts'])
