'use strict'

const assert = require('node:assert')
const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')
const { afterEach, beforeEach, test } = require('node:test')

const ROOT = path.join(__dirname, '..')
const ADDON = 'turtle-pool-multi-daemon.node'
const PREBUILT = path.join('prebuilds', `${process.platform}-${process.arch}-gnu.node`)

let folder

/** The package without its binary, and an empty folder as the only one that programs are looked for in. */
beforeEach(() => {
  folder = fs.mkdtempSync(path.join(os.tmpdir(), 'install-'))
  for (const name of ['index.js', 'install.js', 'lib', 'Cargo.toml']) fs.cpSync(path.join(ROOT, name), path.join(folder, name), { recursive: true })
  fs.mkdirSync(path.join(folder, 'bin'))
  fs.mkdirSync(path.join(folder, 'prebuilds'))
})

afterEach(() => fs.rmSync(folder, { recursive: true }))

/** Runs install.js; gives its exit code, what it said, and what is in the folder afterwards. */
function install (options = []) {
  const { status, stderr } = spawnSync(process.execPath, [...options, 'install.js'], {
    cwd: folder,
    encoding: 'utf8',
    env: { PATH: path.join(folder, 'bin') }
  })
  return { status, stderr, files: fs.readdirSync(folder) }
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

test('it says why the binary does not load', () => {
  fs.writeFileSync(path.join(folder, PREBUILT), 'not a library')
  assert.match(install().stderr, /linux-.*-gnu\.node: (file too short|invalid ELF header)/)
})

test('it says that only Linux will do', () => {
  fs.writeFileSync(path.join(folder, 'elsewhere.js'), "Object.defineProperty(process, 'platform', { value: 'plan9' })")
  const { status, stderr } = install(['--require', './elsewhere.js'])
  assert.strictEqual(status, 1)
  assert.match(stderr, /no binary for plan9 .*only Linux/)
})
