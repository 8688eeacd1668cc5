// Which room may import which: the table of docs/architecture.md, proved on every file under src/.

/** Third-party packages a room may use, each with its reason. `node` allows Node's own modules. */
const rooms = {
  guard: { rooms: [], packages: [], node: true },
  contract: { rooms: [], packages: ['zod'] },
  statistics: { rooms: [], packages: [] },
  rpc: { rooms: ['contract'], packages: ['zod', 'ws'], node: true }, // ws: the server's side of a WebSocket
  // Keeps core and engine running for whichever shell started them; main and server may not import each other.
  processes: { rooms: ['contract', 'rpc'], packages: [], node: true },
  files: { rooms: ['contract'], packages: ['zod'], node: true },
  images: { rooms: ['contract', 'guard'], packages: ['sharp', 'zod'], node: true }, // sharp: decoders and resizing
  charts: { rooms: ['contract'], packages: ['echarts'] }, // echarts: options and SVG strings
  findings: { rooms: ['contract', 'statistics'], packages: ['zod'] },
  locales: { rooms: [], packages: [] },
  core: {
    rooms: ['contract', 'rpc', 'files', 'images', 'charts', 'findings', 'locales', 'guard', 'statistics'],
    // better-sqlite3: the project database; csv-parse: label files; core-base: the catalogues, read as the page does;
    // yazl, yauzl: a project as one zip; umap-js: the map of the images
    packages: ['zod', 'better-sqlite3', 'sharp', 'csv-parse', '@intlify/core-base', 'yazl', 'yauzl', 'umap-js'],
    node: true,
  },
  engine: {
    rooms: ['contract', 'rpc', 'files', 'images', 'guard', 'statistics'],
    // tfjs: programs are written in it; onnxruntime: runs them; yauzl: zips of weights, read member by member
    packages: ['zod', '@tensorflow/', 'onnxruntime-node', 'onnxruntime-common', 'sharp', 'yauzl'],
    node: true,
  },
  server: { rooms: ['contract', 'rpc', 'processes', 'guard'], packages: ['zod', 'ws'], node: true },
  cli: {
    rooms: ['contract', 'rpc', 'processes', 'server', 'files', 'guard', 'statistics'],
    packages: ['zod'],
    node: true,
  },
  main: { rooms: ['contract', 'rpc', 'processes', 'files', 'guard'], packages: ['zod', 'electron'], node: true },
  preload: { rooms: ['contract'], packages: ['electron'] },
  renderer: {
    rooms: ['contract', 'rpc', 'charts', 'findings', 'locales', 'statistics'],
    // pinia: shared state; vue-router: addresses; vue-i18n: words. The rest is for `renderer/ui` alone, see below.
    packages: [
      'zod',
      'vue',
      'pinia',
      'vue-router',
      'vue-i18n',
      'reka-ui', // menus, dialogs, tabs and the like with their keyboard and screen-reader behaviour
      '@vueuse/core', // observers and media queries
      '@tanstack/vue-virtual', // long lists and tables
      'echarts', // charts
      '@lucide/vue', // icons
      'tinykeys', // key notation
      'd3-zoom', // wheel, pinch and pan of the viewer
      'd3-selection', // what d3-zoom works on
      '@fontsource-variable/inter', // the typeface
      'vite', // types of what the bundler adds
    ],
  },
};

const anyOf = (names) => `(?:${names.join('|')})`;
const escape = (name) => name.replaceAll(/[.*+?^${}()|[\]\\/]/g, '\\$&');

const roomRules = Object.entries(rooms).flatMap(([room, may]) => {
  const from = { path: `^src/${room}/` };
  const packages = may.packages.map((name) => escape(name) + (name.endsWith('/') ? '' : '(?:/|$)'));
  return [
    {
      name: `${room}-rooms`,
      comment: `${room} may import ${[room, ...may.rooms].join(', ')} among the rooms.`,
      severity: 'error',
      from,
      to: { path: '^(?:src|test|bench|scripts|bin)/', pathNot: `^src/${anyOf([room, ...may.rooms])}/` },
    },
    {
      name: `${room}-packages`,
      comment: `${room} may use ${may.packages.join(', ') || 'no package'}.`,
      severity: 'error',
      from,
      to: {
        path: 'node_modules/',
        ...(packages.length > 0 ? { pathNot: `node_modules/(?:@types/)?${anyOf(packages)}` } : {}),
      },
    },
    ...(may.node
      ? []
      : [
          {
            name: `${room}-node`,
            comment: `${room} runs where Node's modules do not exist.`,
            severity: 'error',
            from,
            to: { dependencyTypes: ['core'] },
          },
        ]),
  ];
});

/** Folders of the engine that are plain TF.js programs: no runtime, no files, no process. */
const programs = anyOf(['nn', 'backbones', 'methods', 'augment', 'optim', 'regimes']);

/** What a process that has no `--import` of its parent's begins with. */
const processes =
  '^src/(?:main/index|images/decoder-child|core/(?:views/query|diagnostics/check|queues/suggest|map/map)-thread|engine/runtime/(?:probe|model)-child)\\.ts$';

module.exports = {
  required: [
    {
      name: 'guarded-processes',
      comment: 'A process keeps itself off the network, whoever starts it.',
      severity: 'error',
      module: { path: processes },
      to: { path: '^src/guard/no-network\\.ts$' },
    },
  ],
  forbidden: [
    ...roomRules,
    {
      name: 'known-room',
      comment: 'Every file under src/ is in a room of the table.',
      severity: 'error',
      from: { path: '^src/', pathNot: `^src/${anyOf(Object.keys(rooms))}/` },
      to: {},
    },
    {
      name: 'programs-are-plain',
      comment: 'A program is TF.js alone; running it belongs to runtime and jobs.',
      severity: 'error',
      from: { path: `^src/engine/${programs}/` },
      to: { path: '^src/engine/(?:runtime|jobs|evaluate)/|node_modules/onnxruntime' },
    },
    {
      name: 'programs-do-not-compile',
      comment: 'A program knows nothing of its lowering; only a composite kernel brings its own.',
      severity: 'error',
      from: { path: `^src/engine/${programs}/`, pathNot: '^src/engine/nn/composites/' },
      to: { path: '^src/engine/compile/' },
    },
    {
      name: 'one-way-into-onnxruntime',
      comment: 'Only the runtime loads onnxruntime, after checking that its telemetry is off.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/engine/runtime/' },
      to: { path: 'node_modules/onnxruntime' },
    },
    {
      name: 'one-way-into-tfjs',
      comment: 'TF.js is imported by src/engine/tf.ts, and natively built ones by the runtime.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/engine/(?:tf\\.ts|runtime/)' },
      to: { path: 'node_modules/@tensorflow/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'check-labels-stay-in-evaluate',
      comment: 'Jobs get no check label; only the entry hands them to evaluate.',
      severity: 'error',
      from: { path: '^src/engine/jobs/' },
      to: { path: '^src/engine/evaluate/' },
    },
    {
      name: 'check-labels-are-read-by-runs',
      comment: 'One door to check labels: a run that has all its predictions on disk.',
      severity: 'error',
      from: { path: '^src/', pathNot: '^src/core/runs/' },
      to: { path: '^src/core/splits/check-labels\\.ts$' },
    },
    {
      name: 'feature-siblings',
      comment: 'A feature folder of the page never imports a sibling.',
      severity: 'error',
      from: { path: '^src/renderer/features/([^/]+)/' },
      to: { path: '^src/renderer/features/', pathNot: '^src/renderer/features/$1/' },
    },
    {
      name: 'libraries-of-the-page-are-in-ui',
      comment: 'Only renderer/ui knows which library a part is made of.',
      severity: 'error',
      from: { path: '^src/renderer/', pathNot: '^src/renderer/ui/' },
      to: {
        path: 'node_modules/',
        pathNot: 'node_modules/(?:vue|@vue|vue-router|vue-i18n|pinia|zod|vite|@types)/',
      },
    },
    {
      name: 'features-know-no-frame',
      comment: 'A feature registers commands and uses state and ui; the frame around it is not its business.',
      severity: 'error',
      from: { path: '^src/renderer/(?:features|state|ui|commands)/' },
      to: { path: '^src/renderer/app/' },
    },
    {
      name: 'contract-in-preload-is-types',
      comment: 'The bridge holds no code of the contract.',
      severity: 'error',
      from: { path: '^src/preload/' },
      to: { path: '^src/contract/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'no-circle',
      comment: 'Files that import each other have no order.',
      severity: 'error',
      from: { path: '^src/' },
      to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } },
    },
    {
      name: 'resolvable',
      comment: 'What is imported is there.',
      severity: 'error',
      from: { path: '^src/' },
      to: { couldNotResolve: true },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    combinedDependencies: false,
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
