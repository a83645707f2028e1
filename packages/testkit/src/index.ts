export * from './generateHost.ts'
