export * from './generateHost.ts'
export * from './generateWriter.ts'
export * from './onlyContainers.ts'
