import { join } from 'node:path'
import type { NextConfig } from 'next'

// The page is exported as static files; the hub serves them and answers /api and /socket.io.
const config: NextConfig = {
  output: 'export',
  turbopack: { root: join(import.meta.dirname, '../..') },
  transpilePackages: ['@hopscope/model', '@hopscope/protocol', '@hopscope/topology', 'geist'],
  poweredByHeader: false,
  reactStrictMode: true,
  images: { unoptimized: true },
}

export default config
