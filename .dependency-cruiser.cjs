/** The borders between packages and layers (ARCHITECTURE.md). */
const library = (name) => `^libs/${name}/`;

module.exports = {
  forbidden: [
    {
      name: 'no-circular',
      severity: 'error',
      from: {},
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'packages-by-name',
      comment: 'A package is entered by its exports, never by a path into it.',
      severity: 'error',
      from: { path: '^(libs|services)/([^/]+)/' },
      to: { path: '^(libs|services)/([^/]+)/src/', pathNot: ['^$1/$2/', '/src/(index|node|browser)\\.ts$'] },
    },
    {
      name: 'services-apart',
      comment: 'Services meet on the bus only.',
      severity: 'error',
      from: { path: '^services/([^/]+)/src/' },
      to: { path: '^services/', pathNot: '^services/$1/' },
    },
    {
      name: 'protocol-is-the-floor',
      severity: 'error',
      from: { path: library('protocol') + 'src' },
      to: { path: '^(libs|services|web|deploy)/', pathNot: library('protocol') },
    },
    {
      name: 'only-e2ee-has-cryptography',
      comment: 'libs/e2ee alone imports MLS and sodium.',
      severity: 'error',
      from: { pathNot: [library('e2ee'), 'node_modules'] },
      to: { path: 'node_modules/(ts-mls|libsodium|@hpke|@noble)' },
    },
    {
      name: 'e2ee-is-pure',
      severity: 'error',
      from: { path: library('e2ee') + 'src', pathNot: '\\.test\\.ts$' },
      to: {
        path: '^(libs/(client|bus|service-kit|test-world)|services|web|deploy)/|^(node:)?(fs|net|http|https|child_process|timers)',
      },
    },
    {
      name: 'client-knows-no-react-and-no-server',
      severity: 'error',
      from: { path: library('client') + 'src', pathNot: '\\.test\\.ts$' },
      to: { path: '^(services|web|deploy|libs/(bus|service-kit|test-world))/|node_modules/(react|@reduxjs)' },
    },
    {
      name: 'domain-has-no-io',
      comment: 'Decisions declare the ports they need.',
      severity: 'error',
      from: { path: '^services/[^/]+/src/domain/', pathNot: '\\.test\\.ts$' },
      to: {
        path: '/src/(api|store|events|socket)/|node_modules/(pg|express|@prisma|socket\\.io|ioredis|@nats-io)',
      },
    },
    {
      name: 'web-talks-to-the-engine-only',
      severity: 'error',
      from: { path: '^web/src/', pathNot: '\\.test\\.tsx?$' },
      to: { path: '^(services|deploy|libs/(bus|service-kit|test-world|e2ee))/' },
    },
    {
      name: 'ui-primitives-know-no-features',
      severity: 'error',
      from: { path: '^web/src/ui/' },
      to: { path: '^web/src/(app|features|worker)/' },
    },
    {
      name: 'nobody-leans-on-tests',
      severity: 'error',
      from: { pathNot: ['\\.test\\.tsx?$', '/tests/', '^libs/test-world/', '^deploy/'] },
      to: { path: ['\\.test\\.tsx?$', '/tests/', '^libs/test-world/'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(/dist/|/generated/)' },
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default'],
      extensions: ['.ts', '.tsx', '.js', '.mjs'],
    },
  },
};
