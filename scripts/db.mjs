// generate | new <name> | check: the database's client and migrations. Works offline: no engine is downloaded and
// no database is touched. The schema is written for SQLite; another provider's twin is derived in `PROVIDERS`.
import { spawnSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const require = createRequire(join(root, 'apps/hub/package.json'))
const schemaFile = join(root, 'prisma/schema.prisma')
const migrations = join(root, 'prisma/migrations')
// The schema that the newest migration leads to; a difference to schema.prisma is a migration that is missing.
const snapshotFile = join(migrations, 'schema.snapshot.prisma')

/** Per provider, how its schema follows from schema.prisma. */
const PROVIDERS = { sqlite: (schema) => schema }

const HELP = `Usage: node scripts/db.mjs <command>
  generate     write the database client to apps/hub/src/db/generated
  new <name>   write a migration for what changed in prisma/schema.prisma
  check        exit 1 when prisma/schema.prisma has a change without a migration`

const [command, name] = process.argv.slice(2)
if (command === 'generate') generate()
else if (command === 'new' && name) await newMigration(name)
else if (command === 'check') await check()
else {
  process.stderr.write(`${HELP}\n`)
  process.exitCode = 2
}

function generate() {
  const cli = join(dirname(require.resolve('prisma/package.json')), 'build/index.js')
  const env = {
    ...process.env,
    // `generate` never runs the schema engine; naming any existing file stops the program from downloading one.
    PRISMA_SCHEMA_ENGINE_BINARY: process.execPath,
    CHECKPOINT_DISABLE: '1',
    PRISMA_HIDE_UPDATE_MESSAGE: '1',
  }
  const args = [cli, 'generate', '--schema', schemaFile, '--no-hints']
  const r = spawnSync(process.execPath, args, { cwd: root, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] })
  if (r.status === 0) return
  process.stderr.write(`${r.stdout}${r.stderr}`)
  process.exitCode = r.status ?? 1
}

async function check() {
  const changes = await diffs()
  if (!changes.some((c) => c.sql)) return
  process.stderr.write('prisma/schema.prisma has a change without a migration: npm run db:migration -- <name>\n')
  process.exitCode = 1
}

async function newMigration(title) {
  const changes = await diffs()
  if (!changes.some((c) => c.sql)) {
    process.stderr.write('prisma/schema.prisma has no change since the last migration.\n')
    return
  }
  const stamp = new Date().toISOString().replace(/\D/g, '').slice(0, 14)
  const id = `${stamp}_${title.replace(/[^a-z0-9]+/gi, '_')}`
  for (const { provider, sql } of changes) {
    const folder = join(migrations, provider, id)
    mkdirSync(folder, { recursive: true })
    writeFileSync(join(folder, 'migration.sql'), sql ?? '-- nothing changes for this provider\n')
    writeFileSync(join(migrations, provider, 'migration_lock.toml'), `provider = "${provider}"\n`)
  }
  copyFileSync(schemaFile, snapshotFile)
  process.stdout.write(`${id}\n`)
}

/** Per provider, the SQL from the last migration to schema.prisma; null when there is no difference. */
async function diffs() {
  const now = readFileSync(schemaFile, 'utf8')
  const was = existsSync(snapshotFile) ? readFileSync(snapshotFile, 'utf8') : undefined
  const glue = await loadGlue()
  const out = []
  for (const [provider, derive] of Object.entries(PROVIDERS)) {
    const engine = await openEngine(glue, derive(now), provider)
    const r = await engine.diff({
      from: target(was && derive(was)),
      to: target(derive(now)),
      script: true,
      exitCode: true,
      filters: { externalTables: [], externalEnums: [] },
    })
    out.push({ provider, sql: r.exitCode === 2 ? r.stdout : null })
  }
  return out
}

function target(schema) {
  if (!schema) return { tag: 'empty' }
  return { tag: 'schemaDatamodel', files: [{ path: 'schema.prisma', content: schema }] }
}

/** The schema engine compiled to wasm, as apps/hub/src/db/migrate.ts runs it. */
async function loadGlue() {
  globalThis.PRISMA_WASM_PANIC_REGISTRY ??= { set_message: (message) => process.stderr.write(`${message}\n`) }
  const file = require.resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  const glue = await import(file)
  const wasm = new WebAssembly.Module(readFileSync(join(dirname(file), 'schema_engine_bg.wasm')))
  const instance = new WebAssembly.Instance(wasm, { './schema_engine_bg.js': glue })
  glue.__wbg_set_wasm(instance.exports)
  instance.exports.__wbindgen_start()
  return glue
}

/** An engine over a database that answers nothing: comparing two schemas asks it for no rows. */
function openEngine(glue, schema, provider) {
  const ok = (value) => ({ ok: true, value, map: (f) => ok(f(value)), flatMap: (f) => f(value) })
  const noRows = async () => ok({ columnTypes: [], columnNames: [], rows: [] })
  const base = { provider, adapterName: 'offline', errorRegistry: { consumeError() {} } }
  const connection = {
    ...base,
    queryRaw: noRows,
    executeRaw: async () => ok(0),
    executeScript: async () => ok(undefined),
    dispose: async () => ok(undefined),
    getConnectionInfo: () => ok({ schemaName: 'public', supportsRelationJoins: false }),
    startTransaction: noRows,
  }
  const connect = async () => ok(connection)
  const factory = { ...base, connect, connectToShadowDb: connect }
  return glue.SchemaEngine.new({ datamodels: [['schema.prisma', schema]] }, () => {}, factory)
}
