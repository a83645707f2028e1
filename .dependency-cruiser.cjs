// Who may import whom (see ARCHITECTURE.md, "Folders, and who may import whom"). Checked by `npm run lint:imports`.
const PURE = 'model|protocol|topology|command|path|trace'
const TESTS = '(\\.test\\.tsx?$|/test/|^e2e/|^bench/)'

/** A package under packages/ may import only the packages named. */
const only = (from, ...to) => ({
  name: `${from}-imports-only-${to.join('-') || 'nothing-of-ours'}`,
  severity: 'error',
  from: { path: `^packages/${from}/`, pathNot: TESTS },
  to: { path: '^(packages|apps)/', pathNot: `^packages/(${[from, ...to].join('|')})/` },
})

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no-orphan-resolution',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: 'generated|^@/' },
    },
    {
      name: 'no-app-imports-app',
      severity: 'error',
      from: { path: '^apps/([^/]+)/', pathNot: TESTS },
      to: { path: '^apps/', pathNot: ['^apps/$1/', '^apps/hub/src/api/router\\.ts$'] },
    },
    {
      // It takes the router's type; a value would pull Node's modules into the page's bundle, which does not build.
      name: 'one-file-of-web-knows-the-hubs-router',
      severity: 'error',
      from: { path: '^apps/web/', pathNot: '^apps/web/src/api/client\\.ts$' },
      to: { path: '^apps/hub/' },
    },
    {
      name: 'pure-packages-touch-nothing',
      severity: 'error',
      from: { path: `^packages/(${PURE})/`, pathNot: TESTS },
      to: { dependencyTypes: ['core'] },
    },
    {
      name: 'only-tests-import-testkit',
      severity: 'error',
      from: { pathNot: ['^packages/testkit/', TESTS, '^scripts/'] },
      to: { path: '^packages/testkit/' },
    },
    {
      name: 'nothing-imports-bench',
      severity: 'error',
      from: { pathNot: '^bench/' },
      to: { path: '^bench/' },
    },
    only('model'),
    only('protocol', 'model'),
    only('topology', 'model'),
    only('command', 'model', 'protocol', 'topology'),
    only('path', 'model'),
    only('trace', 'model', 'path'),
    only('netlink'),
    only('sandbox'),
    only('service'),
    {
      name: 'web-uses-pure-packages',
      severity: 'error',
      from: { path: '^apps/web/', pathNot: TESTS },
      to: { path: '^packages/', pathNot: `^packages/(${PURE})/` },
    },
    {
      name: 'hub-uses-pure-packages-and-service',
      severity: 'error',
      from: { path: '^apps/hub/', pathNot: TESTS },
      to: { path: '^packages/', pathNot: `^packages/(${PURE}|service)/` },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(/dist/|/out/|\\.next|/generated/)' },
    parser: 'swc',
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'default'],
      extensions: ['.ts', '.tsx', '.mjs', '.js', '.json'],
    },
  },
}
