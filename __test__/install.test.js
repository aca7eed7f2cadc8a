'use strict'

const assert = require('node:assert')
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { afterEach, beforeEach, test } = require('node:test')

const libc = require('../lib/source/libc')
const { fileFor } = require('../lib/source/prebuilt')

const ROOT = path.join(__dirname, '..')
const ADDON = 'turtle-pool-multi-daemon.node'
const PREBUILT = path.relative(ROOT, fileFor(process.arch, libc()))

let folder

/** The package without its binary, and an empty folder as the only one that programs are looked for in. */
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'install-'))
  for (const name of ['index.js', 'install.js', 'lib', 'Cargo.toml', 'package.json']) fs.cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true })
  fs.mkdirSync(path.join(folder, 'bin'))
  fs.mkdirSync(path.dirname(path.join(folder, PREBUILT)), { recursive: true })
})

afterEach(() => fs.rmSync(folder, { recursive: true }))

/** Runs install.js; gives its exit code, what it said, and what is in the folder afterwards. */
function install (options = []) {
  const { status, stdout, stderr } = run([...options, 'install.js'])
  return { status, stdout, stderr, files: fs.readdirSync(folder) }
}

function run (args) {
  return spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env: { PATH: path.join(folder, 'bin') } })
}

/** A cargo of that version, which builds by running these lines of shell. */
function addCargo (version, ...lines) {
  const script = ['#!/bin/sh', `if [ "$1" = --version ]; then echo "cargo ${version} (0123456 2026-01-01)"; exit; fi`, ...lines]
  fs.writeFileSync(path.join(folder, 'bin', 'cargo'), script.join('\n'), { mode: 0o755 })
}

/** Makes the folder that install.js names last, as cargo would. */
const MAKE_RELEASE = 'for target; do :; done; /bin/mkdir -p "$target/release"'

test('the binary that comes with the package is all that is needed', () => {
  fs.copyFileSync(path.join(ROOT, ADDON), path.join(folder, PREBUILT))
  const { status, stderr, files } = install()
  assert.deepStrictEqual([status, stderr], [0, ''])
  assert(!files.includes(ADDON))
})

test('without a binary that loads, one is built from source, and nothing else is left', () => {
  fs.writeFileSync(path.join(folder, PREBUILT), 'not a library')
  addCargo('99.0.0', MAKE_RELEASE, `/bin/cp ${path.join(ROOT, ADDON)} "$target/release/libturtle_pool_multi_daemon.so"`)
  const before = fs.readdirSync(folder)
  const { status, stderr, files } = install()
  assert.deepStrictEqual([status, stderr], [0, ''])
  assert.deepStrictEqual(files.sort(), [...before, ADDON].sort())
})

test('a build that fails leaves nothing', () => {
  addCargo('99.0.0', MAKE_RELEASE, 'echo "something is wrong" >&2; exit 101')
  const before = fs.readdirSync(folder)
  const { status, stderr, files } = install()
  assert.strictEqual(status, 1)
  assert.match(stderr, /something is wrong[^]*cargo ended with 101/)
  assert.deepStrictEqual(files, before)
})

test('it says that cargo is missing', () => {
  const { status, stderr } = install()
  assert.strictEqual(status, 1)
  assert.match(stderr, /cargo is missing[^]*Rust \d+\.\d+ or newer[^]*rustup/)
})

test('it says that cargo is too old', () => {
  addCargo('1.70.0')
  const { status, stderr } = install()
  assert.strictEqual(status, 1)
  assert.match(stderr, /cargo 1\.70 is too old[^]*Rust \d+\.\d+ or newer[^]*rustup/)
})

test('it says which binaries were tried, and why each does not load', () => {
  fs.writeFileSync(path.join(folder, PREBUILT), 'not a library')
  const { stderr } = install()
  assert.match(stderr, /turtle-pool-multi-daemon\.node is not there\n/)
  assert.match(stderr, /prebuilds\/linux-\w+\/turtle-pool-multi-daemon\.[\w.]+\.node does not load: .*(file too short|invalid ELF header)/)
})

test('so does a pool that has the feature on, and one that has it off works', () => {
  fs.writeFileSync(path.join(folder, PREBUILT), 'not a library')
  const { report, reason } = watchers()
  assert.equal(reason.code, 'ERR_MULTI_DAEMON_NATIVE')
  assert.match(reason.message, /turtle-pool-multi-daemon\.node is not there; prebuilds\/.*does not load: .*`node install\.js`/)
  assert.equal(report, 11898)
})

test('elsewhere it installs, works switched off, and says what to do when switched on', () => {
  fs.writeFileSync(path.join(folder, 'elsewhere.js'), "Object.defineProperty(process, 'platform', { value: 'plan9' })")
  const { status, stdout, stderr } = install(['--require', './elsewhere.js'])
  assert.deepStrictEqual([status, stderr], [0, ''])
  assert.match(stdout, /no binary for plan9 .*"enabled": false/)
  const { report, reason } = watchers(['--require', './elsewhere.js'])
  assert.equal(reason.code, 'ERR_MULTI_DAEMON_NATIVE')
  assert.match(reason.message, /no binary for plan9 .*Run the pool on Linux.*"enabled"/)
  assert.equal(report, 11898)
})

test('the processor and the C library choose the binary', () => {
  for (const [execPath, arch, names] of [
    ['glibc', 'x64', ['linux-x64/turtle-pool-multi-daemon.glibc.node']],
    ['musl', 'x64', ['linux-x64/turtle-pool-multi-daemon.musl.node']],
    ['musl', 'arm64', ['linux-arm64/turtle-pool-multi-daemon.armv8.musl.node']],
    ['unknown', 'arm64', [libc()].map(known => `linux-arm64/turtle-pool-multi-daemon.armv8.${known}.node`)],
    ['glibc', 'riscv64', []]
  ]) {
    fs.writeFileSync(path.join(folder, 'program'), programLoadedBy(INTERPRETERS[execPath]))
    const script = `
      Object.defineProperty(process, 'arch', { value: ${JSON.stringify(arch)} })
      process.execPath = ${JSON.stringify(path.join(folder, 'program'))}
      const { FOLDER, candidates } = require('./lib/source/prebuilt')
      console.log(JSON.stringify(candidates().map(file => require('path').relative(FOLDER, file))))`
    const { stdout, stderr } = run(['-e', script])
    assert.deepEqual(JSON.parse(stdout || 'null'), names, `${execPath} ${arch}: ${stderr}`)
  }
})

const INTERPRETERS = { glibc: '/nix/store/0123-glibc-2.40/lib/ld-linux-x86-64.so.2', musl: '/lib/ld-musl-x86_64.so.1' }

/** The start of a program that another one starts; without one, of a program that needs none. What a tool has changed has the path at its end. */
function programLoadedBy (interpreter) {
  const [header, segment] = [Buffer.alloc(64), Buffer.alloc(56)]
  header.write('\x7fELF\x02\x01', 'latin1')
  header.writeUInt32LE(64, 32)
  header.writeUInt16LE(56, 54)
  header.writeUInt16LE(2, 56)
  const path = Buffer.from(`${interpreter}\0`)
  segment.writeUInt32LE(interpreter ? 3 : 1, 0)
  segment.writeUInt32LE(9000, 8)
  segment.writeUInt32LE(path.length, 32)
  return Buffer.concat([header, Buffer.alloc(56), segment, Buffer.alloc(9000 - 64 - 2 * 56), path])
}

/** The port that a pool gets which has the feature off, and why one does not start that has it on. */
function watchers (options = []) {
  const script = `
    const { MultiDaemon } = require('.')
    const config = enabled => ({ daemon: { host: '127.0.0.1', port: 11898 }, multiDaemon: { enabled, daemons: [{ host: '127.0.0.1', port: 11899 }] } })
    const report = new MultiDaemon(config(false)).getDaemon().port
    try {
      new MultiDaemon(config(true))
    } catch ({ code, message }) {
      console.log(JSON.stringify({ report, reason: { code, message } }))
    }`
  const { stdout, stderr } = run([...options, '-e', script])
  assert.ok(stdout, stderr)
  return JSON.parse(stdout)
}
