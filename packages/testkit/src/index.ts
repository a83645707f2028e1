export * from './generateHost.ts'
export * from './generateWriter.ts'
