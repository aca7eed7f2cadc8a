#!/usr/bin/env node
'use strict'

// Makes the binaries that come with the npm package: they need no newer C library than Node.js itself does. For this machine's
// platform, or with `--all` for every one. `--if-needed`: only those whose sources have changed.

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const libc = require('../lib/source/libc')
const { ARCHS, FOLDER, LIBCS, fileFor } = require('../lib/source/prebuilt')
const { compile, fail, fingerprintOf, install, isCurrent } = require('./build')
const { cargoZigbuild, withTarget, withZig } = require('./cross')
const { machineOf, symbolVersions } = require('./elf')

const ROOT = path.join(__dirname, '..')
/** What the official Node.js 10 to 16 are built against, so whoever runs one has it. Newer ones ask for more. */
const GLIBC = [2, 17]
const CPUS = { x64: 'x86_64', arm64: 'aarch64' }
const ALL = ARCHS.flatMap(arch => LIBCS.map(libc => platformOf(arch, libc)))

function platformOf (arch, libc) {
  return { arch, libc, name: `linux ${arch} ${libc}`, triple: `${CPUS[arch]}-unknown-linux-${libc === 'musl' ? 'musl' : 'gnu'}`, file: fileFor(arch, libc) }
}

/** Gives the paths of the binaries, made anew if their sources have changed since, or always with `force`. */
function prebuild ({ force = false, all = false } = {}) {
  const wanted = all ? ALL : ALL.filter(({ arch, libc: made }) => arch === process.arch && made === libc())
  if (process.platform !== 'linux' || wanted.length === 0) fail(`the binaries are made on Linux, on ${ARCHS.join(' or ')}`)
  removeOutdated(wanted)
  for (const platform of wanted) if (force || !isCurrent(platform.file, platform.name)) make(platform)
  return wanted.map(({ file }) => file)
}

function make (platform) {
  const [program, env] = [cargoZigbuild(), withTarget(platform.triple, withZig())]
  console.error(`building the binary for ${platform.name}, which takes a minute or two the first time`)
  const target = platform.libc === 'glibc' ? `${platform.triple}.${GLIBC.join('.')}` : platform.triple
  const library = compile(program, { args: ['--target', target], env })
  check(library, platform)
  fs.mkdirSync(path.dirname(platform.file), { recursive: true })
  install(platform.file, library, platform.name)
}

/** So that no package has a binary of other sources, or one under an old name, beside those that are made now. */
function removeOutdated (wanted) {
  const kept = ALL.filter(platform => wanted.includes(platform) || isCurrent(platform.file, platform.name)).flatMap(({ file }) => [file, fingerprintOf(file)])
  fs.mkdirSync(FOLDER, { recursive: true })
  for (const name of fs.readdirSync(FOLDER, { recursive: true, encoding: 'utf8' })) {
    const file = path.join(FOLDER, name)
    // What another prebuild is writing ends with .tmp.
    if (/\.(node|sources)$/.test(file) && !kept.includes(file)) fs.rmSync(file, { force: true })
  }
}

/** Whether the library keeps the promise that is made of it. */
function check (library, platform) {
  const bytes = fs.readFileSync(library)
  const machine = machineOf(bytes)
  if (machine !== CPUS[platform.arch]) fail(`the binary for ${platform.name} is made for ${machine}`)
  const newest = symbolVersions(bytes, 'GLIBC').pop()
  if (newest && platform.libc !== 'glibc') fail(`the binary for ${platform.name} needs glibc`)
  if (newest && isNewer(newest, GLIBC)) fail(`the binary for ${platform.name} needs GLIBC_${newest.join('.')}, which is newer than ${GLIBC.join('.')}`)
  if (platform.arch === process.arch && platform.libc === libc()) load(library)
}

function isNewer (version, other) {
  return (version[0] - other[0] || version[1] - other[1]) > 0
}

function load (library) {
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

function main (options) {
  const unknown = options.find(option => !['--all', '--if-needed'].includes(option))
  if (unknown) fail(`unknown option: ${unknown}\nusage: prebuild.js [--all] [--if-needed]`, 2)
  for (const file of prebuild({ force: !options.includes('--if-needed'), all: options.includes('--all') })) {
    console.error(`${path.relative(ROOT, file)}: ${fs.statSync(file).size} bytes`)
  }
}

module.exports = { ALL, prebuild }

if (require.main === module) main(process.argv.slice(2))
