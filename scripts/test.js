#!/usr/bin/env node
'use strict'

// `npm test`: what tells in some minutes whether a change is sound. `npm run test:all` is everything, and with `--rest` what
// `npm test` leaves out. What a machine has no program for is left out, and said.

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { findProgram } = require('../__test__/support/program')
const { installDependencies } = require('./dependencies')
const { execute, runStages } = require('./steps')

const ROOT = path.join(__dirname, '..')
/** Most of what a test file does is waiting. */
const AT_ONCE = 4
/** The last one counts. */
const WANTED = { '--quick': () => FIRST, '--all': () => [...FIRST, ...REST], '--rest': () => REST }
const USAGE = `usage: test.js [${Object.keys(WANTED).join(' | ')}]`

const program = (name, file, args) => ({ name, run: print => execute(print, file, args) })
const node = (name, ...args) => program(name, process.execPath, args)
const cargo = (name, ...args) => program(name, 'cargo', args)
const npm = (name, ...args) => program(name, 'npm', ['run', '--silent', ...args])
/**
 * All test files of a folder, where the programs that they need are there.
 * @param {string} name
 * @param {string} folder
 * @param {{ atOnce?: number, needs?: Record<string, string> }} [options]
 */
const files = (name, folder, { atOnce = 1, needs } = {}) => ({ name, run: print => (needs && missing(needs)) || runTestFiles(print, folder, atOnce) })

const FIRST = [
  [[{ name: 'development dependencies', run: installDependencies }, node('build', path.join('scripts', 'build.js'), '--if-needed')]],
  [
    [cargo('Rust tests', 'test', '--quiet')],
    [
      files('JavaScript tests', '__test__', { atOnce: AT_ONCE }),
      node('type test', path.join('node_modules', 'typescript', 'bin', 'tsc'), '--noEmit', '--project', path.join('__test__', 'tsconfig.json'))
    ]
  ]
]

// Beside each other: what keeps the processors busy, and what mostly waits. Benchmarks have the machine for themselves.
const REST = [
  [
    [
      cargo('simulations and properties, optimised', 'test', '--quiet', '--profile', 'simulation', '--test', 'properties', '--test', 'random', '--test', 'simulation'),
      npm('harsh worlds, simulated', 'sim', '--', 'harsh', '--worlds', '100'),
      npm('weeks, simulated', 'sim', '--', 'weeks', '--worlds', '2', '--json'),
      // With a seed, so that the outcome tells of the change alone. `npm run fuzz` takes another one each time.
      npm('inputs that nobody thought of', 'fuzz', '--', '--seconds', '40', '--seed', '1'),
      node('the binaries of all platforms', path.join('scripts', 'prebuild.js'), '--all', '--if-needed'),
      files('each platform', '__test__/platforms', { needs: { 'qemu-aarch64-static': 'qemu-user-static libc6-arm64-cross libstdc++6-arm64-cross' } }),
      node('a release, rehearsed with these binaries', path.join('scripts', 'release.js'), '--rehearse')
    ],
    [
      files('tests in a browser', '__test__/browser', { needs: { chromium: 'chromium' } }),
      files('monitoring', '__test__/monitoring', { needs: { prometheus: 'prometheus', promtool: 'prometheus' } }),
      files('networks of real daemons', '__test__/real', { needs: { monerod: 'monero' } }),
      npm('the package, on every supported Node.js', 'test:nodes'),
      node('pictures of the status page', path.join('scripts', 'screenshots.js'), path.join('target', 'screenshots')),
      npm('everything failing at once', 'soak', '--', '--seconds', '120')
    ]
  ],
  // Weeks and harsh worlds have been simulated above.
  [[npm('benchmarks, in a short form', 'bench', '--', '--short', 'getdaemon', 'startup', 'decision', 'poll', 'failover', 'gateway', 'followers', 'scale', 'page')]]
]

async function main (args) {
  const unknown = args.find(arg => !Object.hasOwn(WANTED, arg))
  if (unknown) {
    console.error(`unknown: ${unknown}\n${USAGE}`)
    process.exitCode = 2
    return
  }
  const wanted = args.pop() || '--quick'
  process.exitCode = await runStages(WANTED[wanted]())
}

/** Why nothing can be done: the first program that is not there, and the Debian package that it is in. */
function missing (programs) {
  const [program, bundle] = Object.entries(programs).find(([program]) => !isThere(program)) || []
  return program && `${program} is not on the PATH (apt-get install ${bundle})`
}

function isThere (program) {
  return program === 'chromium' ? Boolean(findProgram(program)) : !spawnSync(program, ['--version'], { stdio: 'ignore' }).error
}

async function runTestFiles (print, folder, atOnce) {
  const found = fs.readdirSync(path.join(ROOT, folder)).filter(name => name.endsWith('.test.js')).sort()
  const slowest = path.join(ROOT, 'target', `slowest-${path.basename(folder)}.txt`)
  const reporters = ['--test-reporter=spec', '--test-reporter-destination=stdout', `--test-reporter=${path.join(__dirname, 'slowest.js')}`, `--test-reporter-destination=${slowest}`]
  fs.mkdirSync(path.dirname(slowest), { recursive: true })
  const code = await execute(print, process.execPath, ['--test', ...reporters, `--test-concurrency=${atOnce}`, ...found.map(name => path.join(folder, name))])
  if (code === 0) print(fs.readFileSync(slowest))
  return code
}

main(process.argv.slice(2))
