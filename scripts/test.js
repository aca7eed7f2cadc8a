#!/usr/bin/env node
'use strict'

// All checks, one after the other; the first that fails ends it with its exit code.

const { spawnSync } = require('node:child_process')
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')
const { findProgram } = require('../__test__/support/program')

const ROOT = path.join(__dirname, '..')
const MODULES = path.join(ROOT, 'node_modules')
/** Which dependencies were installed last. */
const INSTALLED = path.join(MODULES, '.installed-from')
const TYPE_TEST = path.join('__test__', 'types.test-d.ts')

/**
 * A step runs a program and gives its exit code, or gives a sentence why there was nothing to do.
 * @type {Array<[name: string, step: () => number | string]>}
 */
const STEPS = [
  ['development dependencies', installDependencies],
  ['build', () => run(process.execPath, [path.join('scripts', 'build.js'), '--if-needed'])],
  ['Rust tests', () => run('cargo', ['test', '--quiet'])],
  ['JavaScript tests', () => runTestFiles('__test__')],
  ['type test', testTypes],
  ['tests in a browser', testInBrowser],
  ['monitoring', testMonitoring],
  ['real-network tests', testOnRealNetwork]
]

function main () {
  const summary = []
  for (const [name, step] of STEPS) {
    console.log(`\n== ${name}`)
    const start = performance.now()
    const outcome = step()
    const seconds = `${((performance.now() - start) / 1000).toFixed(1)} s`
    if (typeof outcome === 'string') {
      console.log(outcome)
      summary.push(`left out  ${name}: ${outcome}`)
    } else if (outcome !== 0) {
      summary.push(`FAILED    ${name} (${seconds})`)
      return finish(summary, outcome)
    } else {
      summary.push(`passed    ${name} (${seconds})`)
    }
  }
  finish(summary, 0)
}

function finish (summary, code) {
  console.log(`\n== summary\n${summary.join('\n')}`)
  process.exitCode = code
}

function installDependencies () {
  const { dependencies, devDependencies } = JSON.parse(fs.readFileSync(path.join(ROOT, 'package.json'), 'utf8'))
  if (!dependencies && !devDependencies) return 'there are none'
  const wanted = createHash('sha256').update(JSON.stringify([dependencies, devDependencies, read('package-lock.json')])).digest('hex')
  if (read(INSTALLED) === wanted) return 0
  // --ignore-scripts: the package's own build is the next step.
  const code = run(process.platform === 'win32' ? 'npm.cmd' : 'npm', ['install', '--ignore-scripts', '--no-audit', '--no-fund', '--no-save'])
  if (code === 0) {
    fs.mkdirSync(MODULES, { recursive: true })
    fs.writeFileSync(INSTALLED, wanted)
  }
  return code
}

function testTypes () {
  if (!fs.existsSync(path.join(ROOT, TYPE_TEST))) return `there is no ${TYPE_TEST}`
  return run(process.execPath, [path.join('node_modules', 'typescript', 'bin', 'tsc'), '--noEmit', '--project', path.join('__test__', 'tsconfig.json')])
}

function testMonitoring () {
  const missing = ['prometheus', 'promtool'].find(program => spawnSync(program, ['--version'], { stdio: 'ignore' }).error)
  if (missing) return `${missing} is not on the PATH (apt-get install prometheus)`
  return runTestFiles(path.join('__test__', 'monitoring'))
}

function testInBrowser () {
  if (!findProgram('chromium')) return 'chromium is not on the PATH (apt-get install chromium)'
  return runTestFiles(path.join('__test__', 'browser'))
}

function testOnRealNetwork () {
  const { error } = spawnSync('monerod', ['--version'], { stdio: 'ignore' })
  if (error) return 'monerod is not on the PATH (apt-get install monero)'
  return runTestFiles(path.join('__test__', 'real'))
}

function runTestFiles (folder) {
  const absolute = path.join(ROOT, folder)
  const files = fs.existsSync(absolute) ? fs.readdirSync(absolute).filter(name => name.endsWith('.test.js')).sort() : []
  if (files.length === 0) return `there are none in ${folder}`
  return run(process.execPath, ['--test', '--test-reporter=spec', ...files.map(name => path.join(folder, name))])
}

/** The program's exit code; one line when it does not even start, or is killed. */
function run (program, args) {
  const { error, status, signal } = spawnSync(program, args, { cwd: ROOT, stdio: 'inherit' })
  if (error) console.error(`${program} does not run: ${error.message}`)
  if (signal) console.error(`${program} was ended by ${signal}`)
  return status === null || status === undefined ? 1 : status
}

function read (file) {
  const absolute = path.resolve(ROOT, file)
  return fs.existsSync(absolute) ? fs.readFileSync(absolute, 'utf8') : null
}

main()
