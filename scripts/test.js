#!/usr/bin/env node
'use strict'

// All checks, one after the other; the first that fails ends it with its exit code.

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')
const { findProgram } = require('../__test__/support/program')
const { installDependencies } = require('./dependencies')

const ROOT = path.join(__dirname, '..')
/** Most of what a test file does is waiting. */
const AT_ONCE = 4
const TYPE_TEST = path.join('__test__', 'types.test-d.ts')

/**
 * A step runs a program and gives its exit code, or gives a sentence why there was nothing to do.
 * @type {Array<[name: string, step: () => number | string]>}
 */
const STEPS = [
  ['development dependencies', installDependencies],
  ['build', () => run(process.execPath, [path.join('scripts', 'build.js'), '--if-needed'])],
  ['Rust tests', () => run('cargo', ['test', '--quiet'])],
  ['simulations and properties', () => run('cargo', ['test', '--quiet', '--profile', 'simulation', '--test', 'properties', '--test', 'random', '--test', 'simulation'])],
  ['JavaScript tests', () => runTestFiles('__test__', AT_ONCE)],
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

function runTestFiles (folder, atOnce = 1) {
  const absolute = path.join(ROOT, folder)
  const files = fs.existsSync(absolute) ? fs.readdirSync(absolute).filter(name => name.endsWith('.test.js')).sort() : []
  if (files.length === 0) return `there are none in ${folder}`
  return run(process.execPath, ['--test', '--test-reporter=spec', `--test-concurrency=${atOnce}`, ...files.map(name => path.join(folder, name))])
}

/** The program's exit code; one line when it does not even start, or is killed. */
function run (program, args) {
  const { error, status, signal } = spawnSync(program, args, { cwd: ROOT, stdio: 'inherit' })
  if (error) console.error(`${program} does not run: ${error.message}`)
  if (signal) console.error(`${program} was ended by ${signal}`)
  return status === null || status === undefined ? 1 : status
}

main()
