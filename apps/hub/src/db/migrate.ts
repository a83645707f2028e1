import { readdirSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import {
  bindMigrationAwareSqlAdapterFactory,
  type SqlMigrationAwareDriverAdapterFactory,
} from '@prisma/driver-adapter-utils'

/** What is called of the schema engine's wasm module; its own types stop at the glue. */
type Engine = {
  applyMigrations(input: object): Promise<{ appliedMigrationNames: string[] }>
  free(): void
}
type Glue = {
  SchemaEngine: { new: (input: object, log: () => void, adapter: object) => Promise<Engine> }
  __wbg_set_wasm(exports: WebAssembly.Exports): void
}

/** Applies the migrations that a database lacks and returns their names. Same as "prisma migrate deploy", without its engine binary. */
export async function migrate(
  factory: SqlMigrationAwareDriverAdapterFactory,
  folder: string,
  schema: string,
): Promise<string[]> {
  const glue = await loadGlue()
  // Whatever connection the engine opens is closed here: its lock lives as long as the connection does.
  const opened: { dispose(): Promise<void> }[] = []
  const connect = factory.connect.bind(factory)
  factory.connect = async () => {
    const connection = await connect()
    opened.push(connection)
    return connection
  }
  const bound = bindMigrationAwareSqlAdapterFactory(factory)
  try {
    const input = { datamodels: [['schema.prisma', schema]] }
    const engine = await glue.SchemaEngine.new(input, () => {}, bound)
    try {
      const filters = { externalTables: [], externalEnums: [] }
      const done = await engine.applyMigrations({ migrationsList: readMigrations(folder), filters })
      return done.appliedMigrationNames
    } finally {
      engine.free()
    }
  } catch (error) {
    // What the adapter met is only a number in the engine's own error.
    const met = bound.errorRegistry.consumeError(0)?.error
    throw met === undefined ? error : new Error('a migration failed', { cause: met })
  } finally {
    for (const connection of opened) await connection.dispose()
  }
}

/** The names of the migrations in a folder, oldest first. */
export function migrationsIn(folder: string): string[] {
  const entries = readdirSync(folder, { withFileTypes: true }).filter((entry) => entry.isDirectory())
  return entries.map((entry) => entry.name).sort()
}

function readMigrations(folder: string) {
  return {
    baseDir: resolve(folder),
    shadowDbInitScript: '',
    lockfile: {
      path: 'migration_lock.toml',
      content: readFileSync(join(folder, 'migration_lock.toml'), 'utf8'),
    },
    migrationDirectories: migrationsIn(folder).map((path) => {
      const value = readFileSync(join(folder, path, 'migration.sql'), 'utf8')
      return { path, migrationFile: { path: 'migration.sql', content: { tag: 'ok', value } } }
    }),
  }
}

// The glue keeps one view of one memory: a second instance in the same process would read the first one's.
let glue: Promise<Glue> | undefined

function loadGlue(): Promise<Glue> {
  glue ??= instantiate()
  return glue
}

async function instantiate(): Promise<Glue> {
  // The module calls this global when it panics.
  Object.assign(globalThis, {
    PRISMA_WASM_PANIC_REGISTRY: {
      set_message: (message: string) => {
        throw new Error(`schema engine: ${message}`)
      },
    },
  })
  const file = createRequire(import.meta.url).resolve('@prisma/schema-engine-wasm/schema_engine_bg')
  // Its declarations name the exports of the wasm file, not of the glue.
  const module = (await import('@prisma/schema-engine-wasm/schema_engine_bg')) as unknown as Glue
  const wasm = new WebAssembly.Module(readFileSync(join(dirname(file), 'schema_engine_bg.wasm')))
  const instance = new WebAssembly.Instance(wasm, { './schema_engine_bg.js': module as never }) // functions by name
  module.__wbg_set_wasm(instance.exports)
  const start = instance.exports.__wbindgen_start
  if (typeof start !== 'function') throw new Error('schema_engine_bg.wasm has no start function')
  start()
  return module
}
