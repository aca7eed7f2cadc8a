#!/usr/bin/env node
'use strict'

// `npm run release -- --dry-run`: what comes before a release, in order, up to the first thing that is wrong. It publishes nothing.

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { isCurrent } = require('./build')
const { ALL } = require('./prebuild')
const { checkChangelog, checkContents, checkVersions } = require('./release/checks')
const { rehearse } = require('./release/registry')

const ROOT = path.join(__dirname, '..')
/** With the binaries of all platforms. */
const MAX_TARBALL = 6.6e6
const OPTIONS = ['--dry-run', '--without-tests']
const USAGE = `usage: release.js [${OPTIONS.join('] [')}]`

/** Ends the rehearsal with one sentence. */
class Refusal extends Error {}

/** In this order. What a step gives is said behind its name. @type {[string, (options: string[]) => string | void | Promise<string>][]} */
const STEPS = [
  ['one version everywhere', () => refuse(checkVersions({ manifest: read('package.json'), lock: read('package-lock.json'), crate: read('Cargo.toml'), crateLock: read('Cargo.lock') }))],
  ['the changelog', () => refuse(checkChangelog(read('CHANGELOG.md'), version()))],
  ['a clean tree', () => refuse(output('git', ['status', '--porcelain']) && 'the tree has changes that are not committed: git status')],
  ['a tag that is free', () => refuse(output('git', ['tag', '--list', tag()]) && `the tag ${tag()} exists already`)],
  ['the binaries', checkBinaries],
  ['the tests', test],
  ['the package', checkPackage],
  ['a registry', publishHere]
]

async function main (options) {
  const unknown = options.find(option => !OPTIONS.includes(option))
  if (unknown) return end(`unknown option: ${unknown}\n${USAGE}`, 2)
  try {
    for (const [name, run] of STEPS) {
      const said = await run(options)
      console.log(said ? `${name}: ${said}` : name)
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return end(error.message, 1)
  }
  if (!options.includes('--dry-run')) console.log(`next: git tag -a ${tag()} -m "Version ${version()}"`)
}

/** @param {string | null} sentence what is wrong, if anything */
function refuse (sentence) {
  if (sentence) throw new Refusal(sentence)
}

function checkBinaries () {
  const outdated = ALL.find(({ file, name }) => !isCurrent(file, name))
  refuse(outdated ? `the binary for ${outdated.name} is missing, or made of other sources: npm run prebuild -- --all` : null)
  return `${ALL.length} platforms`
}

function test (options) {
  if (options.includes('--without-tests')) return 'left out'
  const { status } = spawnSync(process.execPath, [path.join(__dirname, 'test.js'), '--all'], { cwd: ROOT, stdio: 'inherit' })
  refuse(status === 0 ? null : 'the tests fail')
}

function checkPackage () {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'release-'))
  try {
    const packed = JSON.parse(output('npm', ['pack', '--json', '--ignore-scripts', '--pack-destination', folder]))
    // An array, or with some versions of npm an object by name.
    const [{ size, files }] = /** @type {{ size: number, files: { path: string }[] }[]} */ (Object.values(packed))
    refuse(checkContents(files.map(file => file.path), ALL.map(({ file }) => path.relative(ROOT, file))))
    refuse(size > MAX_TARBALL ? `the package has ${size} bytes, more than ${MAX_TARBALL}` : null)
    return `${files.length} files, ${size} bytes`
  } finally {
    fs.rmSync(folder, { recursive: true })
  }
}

async function publishHere () {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'release-'))
  try {
    const { name } = JSON.parse(read('package.json'))
    output('npm', ['pack', '--ignore-scripts', '--pack-destination', folder])
    return await rehearse(path.join(folder, `${name}-${version()}.tgz`), name, folder).catch(error => { throw new Refusal(error.message) })
  } finally {
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

function output (program, args) {
  const { error, status, stdout, stderr } = spawnSync(program, args, { cwd: ROOT, encoding: 'utf8', timeout: 120000 })
  refuse(error ? `${program} does not run: ${error.message}` : null)
  refuse(status === 0 ? null : `${program} ${args[0]} failed: ${stderr.trim()}`)
  return stdout
}

function end (sentence, code) {
  console.error(sentence)
  process.exitCode = code
}

const read = file => fs.readFileSync(path.join(ROOT, file), 'utf8')
const version = () => JSON.parse(read('package.json')).version
const tag = () => `v${version()}`

main(process.argv.slice(2))
