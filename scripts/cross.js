'use strict'

// What makes binaries portable, and compiles them for other platforms: zig carries the interfaces of every C library. Kept in the
// project, so that nothing else changes; only Rust's own libraries for other platforms go where Rust is.

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const path = require('node:path')

const { fail } = require('./build')

const TOOLS = path.join(__dirname, '..', 'node_modules', '.cache', 'prebuild')
/** Python packages bring both as programs; cargo would have to compile the one. */
const FOLDER = path.join(TOOLS, 'python')
const CARGO_ZIGBUILD = 'cargo-zigbuild==0.24.1'
const ZIGLANG = 'ziglang==0.17.1'
const PIP = ['-m', 'pip', 'install', '--quiet', '--upgrade', '--target', FOLDER]

function cargoZigbuild () {
  if (runs('cargo-zigbuild', ['--version'])) return 'cargo-zigbuild'
  const program = path.join(FOLDER, 'bin', 'cargo-zigbuild')
  if (!runs(program, ['--version'])) fetch('python3', [...PIP, CARGO_ZIGBUILD, ZIGLANG])
  return program
}

/** The environment in which cargo-zigbuild finds zig, which is also a Python package. */
function withZig () {
  if (runs('zig', ['version']) || runs('python3', ['-m', 'ziglang', 'version'])) return process.env
  const env = { ...process.env, PYTHONPATH: [FOLDER, process.env.PYTHONPATH].filter(Boolean).join(path.delimiter) }
  if (!runs('python3', ['-m', 'ziglang', 'version'], env)) fetch('python3', [...PIP, ZIGLANG])
  return env
}

/** The environment in which Rust compiles for that platform, with its standard library there. */
function withTarget (triple, env) {
  if (!hasTarget(triple)) {
    if (!runs('rustup', ['--version'])) fail(`Rust's standard library for ${triple} is missing, and so is rustup, which would install it`)
    fetch('rustup', ['target', 'add', triple])
  }
  if (!triple.endsWith('-musl')) return env
  // Rust links programs for musl statically unless told otherwise, but a library that Node.js loads cannot be.
  return { ...env, RUSTFLAGS: [env.RUSTFLAGS, '-C target-feature=-crt-static'].filter(Boolean).join(' ') }
}

function hasTarget (triple) {
  const { stdout } = spawnSync('rustc', ['--print', 'target-libdir', '--target', triple], { encoding: 'utf8' })
  return Boolean(stdout) && fs.existsSync(stdout.trim())
}

function runs (program, args, env = process.env) {
  return spawnSync(program, args, { env, stdio: 'ignore' }).status === 0
}

function fetch (program, args) {
  console.error([program, ...args].join(' '))
  const { error, status } = spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  if (error) fail(`${program} does not run: ${error.message}`)
  if (status !== 0) fail(`${program} ${args[0]} failed`, status || 1)
}

module.exports = { cargoZigbuild, withTarget, withZig }
