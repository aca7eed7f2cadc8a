#!/usr/bin/env node
'use strict'

// Makes the binary that comes with the npm package: one that needs no newer glibc than Node.js itself does.
// `--if-needed`: only when its sources have changed.

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { compile, fail, install, isCurrent } = require('./build')

const ROOT = path.join(__dirname, '..')
/** Where lib/source/binary.js looks for it. */
const PREBUILT = path.join(ROOT, 'prebuilds', `${process.platform}-${process.arch}-gnu.node`)
/** What the official Node.js 10 to 16 are built against, so whoever runs one has it. Newer ones ask for more. */
const GLIBC = [2, 17]
const CPUS = { x64: 'x86_64', arm64: 'aarch64' }

/** What makes the build portable: zig carries the interfaces of every glibc. Kept in the project, so that nothing else changes. */
const TOOLS = path.join(ROOT, 'node_modules', '.cache', 'prebuild')
/** Python packages bring both as programs; cargo would have to compile the one. */
const FOLDER = path.join(TOOLS, 'python')
const CARGO_ZIGBUILD = 'cargo-zigbuild==0.24.1'
const ZIGLANG = 'ziglang==0.17.1'
const PIP = ['-m', 'pip', 'install', '--quiet', '--upgrade', '--target', FOLDER]

/** Gives the path of the prebuilt binary, made anew if its sources have changed since, or always with `force`. */
function prebuild ({ force = false } = {}) {
  if (!force && isCurrent(PREBUILT)) return PREBUILT
  const cpu = CPUS[process.arch]
  if (process.platform !== 'linux' || !cpu) fail(`a portable binary is made on Linux, for ${Object.keys(CPUS).join(' or ')}`)
  const [program, env] = [cargoZigbuild(), withZig()]
  console.error('building the portable binary, which takes a minute or two the first time')
  const library = compile(program, { args: ['--target', `${cpu}-unknown-linux-gnu.${GLIBC.join('.')}`], env })
  check(library)
  fs.mkdirSync(path.dirname(PREBUILT), { recursive: true })
  install(PREBUILT, library)
  return PREBUILT
}

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

function runs (program, args, env = process.env) {
  return spawnSync(program, args, { env, stdio: 'ignore' }).status === 0
}

function fetch (program, args) {
  console.error([program, ...args].join(' '))
  const { error, status } = spawnSync(program, args, { stdio: ['ignore', 'inherit', 'inherit'] })
  if (error) fail(`${program} does not run: ${error.message}`)
  if (status !== 0) fail(`${program} failed`, status || 1)
}

/** Whether the library keeps the promise that is made of it. */
function check (library) {
  const newer = glibcVersions(fs.readFileSync(library)).filter(version => compare(version, GLIBC) > 0)
  if (newer.length > 0) fail(`the binary needs GLIBC_${newer.sort(compare).pop().join('.')}, which is newer than ${GLIBC.join('.')}`)
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'prebuild-'))
  try {
    const addon = path.join(folder, 'addon.node')
    fs.copyFileSync(library, addon)
    const { status, signal, stderr } = spawnSync(process.execPath, ['-e', `require(${JSON.stringify(addon)})`], { encoding: 'utf8' })
    if (status !== 0) fail(`the binary does not load (${signal || status}):\n${stderr}`)
  } finally {
    fs.rmSync(folder, { recursive: true })
  }
}

/** The versions of glibc's symbols that a library asks for. Each is named once, among the names that its loader reads. */
function glibcVersions (library) {
  const names = library.toString('latin1').match(/\0GLIBC_\d+(\.\d+)+(?=\0)/g) || []
  return names.map(name => name.slice('\0GLIBC_'.length).split('.').map(Number))
}

function compare (version, other) {
  return version[0] - other[0] || version[1] - other[1]
}

function main (options) {
  const unknown = options.find(option => option !== '--if-needed')
  if (unknown) fail(`unknown option: ${unknown}\nusage: prebuild.js [--if-needed]`, 2)
  const file = prebuild({ force: !options.includes('--if-needed') })
  console.error(`${path.relative(ROOT, file)}: ${fs.statSync(file).size} bytes`)
}

module.exports = { prebuild }

if (require.main === module) main(process.argv.slice(2))
