#!/usr/bin/env node
'use strict'

// Builds the addon and puts it where lib/source/binary.js looks for it. `--if-needed`: only when its sources have changed, and not where
// `npm run prebuild` has made the same already.

const { spawnSync } = require('node:child_process')
const { createHash } = require('node:crypto')
const fs = require('node:fs')
const path = require('node:path')

const libc = require('../lib/source/libc')
const { fileFor } = require('../lib/source/prebuilt')

const ROOT = path.join(__dirname, '..')
const ADDON = path.join(ROOT, 'turtle-pool-multi-daemon.node')
const CRATE = 'turtle_pool_multi_daemon'
/** As a cdylib alone: with an rlib beside it, cargo does no link-time optimization. */
const ARGUMENTS = ['rustc', '--release', '--lib', '--crate-type', 'cdylib', '--features', 'node', '--message-format=json-render-diagnostics']
/**
 * For link-time optimization: what it does for speed by making code larger (inlining all but the smallest functions, unrolling, vectors) makes the
 * package larger than it may be. With LLVM's own limits for inlining a template takes the gateway 67,300 instructions in the place of 72,200, over a
 * connection for each, and each binary is 45 kB larger, packed.
 */
const SMALLER = ['--', ...[
  'no-vectorize-loops',
  'no-vectorize-slp',
  ...['inline-threshold=15', 'inlinehint-threshold=15', 'unroll-threshold=0', 'unroll-runtime=false'].map(each => `llvm-args=--${each}`)
].flatMap(each => ['-C', each])]
/** What this machine's binaries are for. */
const HERE = [process.platform, process.arch, libc()].join(' ')
const SOURCES = ['Cargo.toml', 'Cargo.lock', 'build.rs', 'rust-toolchain.toml', '.cargo', 'src']

/** Builds the addon if its sources have changed since, or always with `force`. Ends the process when that fails. */
function build ({ force = false } = {}) {
  if (!force && isCurrent(ADDON)) return
  const prebuilt = fileFor(process.arch, libc())
  if (!force && isCurrent(prebuilt)) return install(ADDON, prebuilt)
  console.error('building the addon with cargo, which takes a minute or two the first time')
  install(ADDON, compile('cargo'))
}

/** Puts a library where it belongs, and notes which sources it is made of, and for what platform. */
function install (addon, library, platform = HERE) {
  // Taken after the build, which may have written Cargo.lock.
  const fingerprint = fingerprintOfSources(platform)
  replace(addon, temporary => fs.copyFileSync(library, temporary))
  replace(fingerprintOf(addon), temporary => fs.writeFileSync(temporary, fingerprint))
}

function isCurrent (addon, platform = HERE) {
  const noted = fingerprintOf(addon)
  return fs.existsSync(addon) && fs.existsSync(noted) && fs.readFileSync(noted, 'utf8') === fingerprintOfSources(platform)
}

/** Where it says which sources an addon was built from: times would lie after a checkout. */
function fingerprintOf (addon) {
  return `${addon}.sources`
}

/** Runs cargo, or what stands in for it, and gives the path of the library. Its own account of what it made honours every way to move `target`. */
function compile (program, { args = [], env = process.env } = {}) {
  const watched = Boolean(process.stderr.isTTY)
  const cargo = spawnSync(program, [...ARGUMENTS, ...args, ...SMALLER], {
    cwd: ROOT,
    env,
    encoding: 'utf8',
    maxBuffer: Infinity,
    stdio: ['ignore', 'pipe', watched ? 'inherit' : 'pipe']
  })
  if (cargo.error) {
    fail(/** @type {NodeJS.ErrnoException} */ (cargo.error).code === 'ENOENT'
      ? 'cargo is missing: the addon is built with Rust, which https://rustup.rs installs'
      : `cargo does not run: ${cargo.error.message}`)
  }
  if (cargo.status !== 0) {
    if (!watched) process.stderr.write(cargo.stderr)
    fail('cargo build failed', cargo.status || 1)
  }
  return libraryIn(cargo.stdout) || fail(`cargo build made no library named ${CRATE}`)
}

function libraryIn (messages) {
  const made = messages.split('\n').filter(line => line.startsWith('{')).map(line => JSON.parse(line))
    .filter(({ reason, target }) => reason === 'compiler-artifact' && target.name === CRATE && target.kind.includes('cdylib'))
  return made.flatMap(({ filenames }) => filenames).find(file => /\.(so|dylib|dll)$/.test(file))
}

function fingerprintOfSources (platform) {
  const hash = createHash('sha256').update(`${platform}\n`)
  for (const file of SOURCES.flatMap(filesOf)) {
    const content = fs.readFileSync(path.join(ROOT, file))
    hash.update(`${file} ${content.length}\n`).update(content)
  }
  return hash.digest('hex') + '\n'
}

/** The file itself, or all files below a folder, always in the same order; nothing where there is nothing. */
function filesOf (name) {
  const stat = fs.statSync(path.join(ROOT, name), { throwIfNoEntry: false })
  if (!stat) return []
  if (!stat.isDirectory()) return [name]
  return fs.readdirSync(path.join(ROOT, name)).sort().flatMap(each => filesOf(`${name}/${each}`))
}

/** A process that loads the file meanwhile sees the old one or the new one, never a half. */
function replace (file, write) {
  const temporary = `${file}.${process.pid}.tmp`
  try {
    write(temporary)
    fs.renameSync(temporary, file)
  } finally {
    fs.rmSync(temporary, { force: true })
  }
}

function fail (message, code = 1) {
  console.error(message)
  process.exit(code)
}

function main (options) {
  const unknown = options.find(option => option !== '--if-needed')
  if (unknown) fail(`unknown option: ${unknown}\nusage: build.js [--if-needed]`, 2)
  build({ force: !options.includes('--if-needed') })
}

module.exports = { compile, fail, fingerprintOf, install, isCurrent }

if (require.main === module) main(process.argv.slice(2))
