#!/usr/bin/env node
'use strict'

// `npm run release`: what comes before a release, in order, up to the first thing that is wrong.
//
//   --dry-run        all of it, and publishes nothing
//   --rehearse       the same at any other time: it runs no tests, and only warns of what holds just at the moment of a release
//   --publish        publishes what was tried, from where the tag of this version is checked out
//   --without-tests  for those who have just run them

const { spawnSync } = require('node:child_process')
const fs = require('node:fs')
const os = require('node:os')
const path = require('node:path')

const { isCurrent } = require('./build')
const { ALL } = require('./prebuild')
const { checkChangelog, checkContents, checkOptions, checkRepository, checkTag, checkVersions } = require('./release/checks')
const { checkAdvisories, checkCrates } = require('./release/deny')
const { signatures } = require('./release/outside')
const { pack } = require('./release/pack')
const { rehearse } = require('./release/registry')
const { checkSize } = require('./release/size')

const ROOT = path.join(__dirname, '..')
const LIMIT_MS = 120000

/** Ends the rehearsal with one sentence. */
class Refusal extends Error {}

/** @typedef {{ options: string[], folder: string, tarball?: string }} Release */

/** In this order. What a step gives is said behind its name. @type {[string, (release: Release) => string | void | Promise<string>][]} */
const STEPS = [
  ['one version everywhere', () => refuse(checkVersions({ manifest: read('package.json'), lock: read('package-lock.json'), crate: read('Cargo.toml'), crateLock: read('Cargo.lock') }))],
  ['where the sources are', release => refuseNow(release, checkRepository(read('package.json')))],
  ['the changelog', release => refuseNow(release, checkChangelog(read('CHANGELOG.md'), version()))],
  ['a clean tree', release => refuseNow(release, output('git', ['status', '--porcelain']) && 'the tree has changes that are not committed: git status')],
  ['the tag', release => refuseNow(release, checkTag(tag(), { here: lines('git', ['tag', '--points-at', 'HEAD']), all: lines('git', ['tag', '--list']) }, release.options.includes('--publish')))],
  ['the crates', () => refuse(checkCrates())],
  ['advisories on crates', release => judge(release, checkAdvisories())],
  ['signatures of development dependencies', release => judge(release, signatures(run('npm', ['audit', 'signatures', '--fetch-retries=0'])))],
  ['the binaries', checkBinaries],
  ['the tests', test],
  ['the package', checkPackage],
  ['a registry', ({ folder, tarball }) => rehearse(String(tarball), name(), folder).catch(error => { throw new Refusal(error.message) })],
  ['the release', publish]
]

async function main (options) {
  const mistake = checkOptions(options)
  if (mistake) return end(mistake, 2)
  const release = { options, folder: fs.mkdtempSync(path.join(os.tmpdir(), 'release-')) }
  try {
    for (const [name, run] of STEPS) {
      const said = await run(release)
      console.log(said ? `${name}: ${said}` : name)
    }
  } catch (error) {
    if (!(error instanceof Refusal)) throw error
    return end(error.message, 1)
  } finally {
    fs.rmSync(release.folder, { recursive: true, force: true, maxRetries: 5 })
  }
}

/** @param {string | null} sentence what is wrong, if anything */
function refuse (sentence) {
  if (sentence) throw new Refusal(sentence)
}

/** What need not hold before the moment of a release. @param {Release} release @param {string | null} sentence */
function refuseNow ({ options }, sentence) {
  if (!options.includes('--rehearse')) refuse(sentence)
  return sentence ? `before a release: ${sentence}` : undefined
}

/**
 * What others know changes while nothing changes here, so a rehearsal only tells it: its outcome tells of the change alone.
 * Whoever publishes has to have asked them; others may be where they are out of reach.
 * @param {Release} release
 * @param {import('./release/outside').Finding} finding
 */
function judge (release, { wrong, said }) {
  if (release.options.includes('--publish')) refuse(said)
  return refuseNow(release, wrong) || said || undefined
}

function checkBinaries () {
  const outdated = ALL.find(({ file, name }) => !isCurrent(file, name))
  refuse(outdated ? `the binary for ${outdated.name} is missing, or made of other sources: npm run prebuild -- --all` : null)
  return `${ALL.length} platforms`
}

function test ({ options }) {
  if (options.includes('--without-tests') || options.includes('--rehearse')) return 'left out'
  const { status } = spawnSync(process.execPath, [path.join(__dirname, 'test.js'), '--all'], { cwd: ROOT, stdio: 'inherit' })
  refuse(status === 0 ? null : 'the tests fail')
}

/** Packs it, once for all that follows. */
function checkPackage (release) {
  const { file, size, names, binaries } = pack(release.folder)
  refuse(checkContents(names, ALL.map(({ file }) => path.relative(ROOT, file))))
  const { parts, wrong } = checkSize(size, binaries)
  refuse(wrong)
  release.tarball = file
  return [`${names.length} files`, ...parts].join('\n  ')
}

/** The very file that has been tried. Who made it, and of what, is signed where a workflow may do that. @param {Release} release */
function publish ({ options, tarball }) {
  if (!options.includes('--publish')) return options.includes('--dry-run') ? `next: git tag -a ${tag()} -m "Version ${version()}", and push the tag` : 'nothing is published'
  output('npm', ['publish', '--provenance', '--access', 'public', '--ignore-scripts', String(tarball)])
  return `${name()} ${version()} is published`
}

function output (program, args) {
  const { code, output } = run(program, args)
  refuse(code === 0 ? null : `${program} ${args[0]} failed: ${output.trim()}`)
  return output
}

/** What it prints, and behind that what it complains of where it fails. */
function run (program, args) {
  const { error, status, stdout, stderr } = spawnSync(program, args, { cwd: ROOT, encoding: 'utf8', timeout: LIMIT_MS })
  if (error) return { code: 1, output: `${program} does not run: ${error.message}` }
  return { code: status, output: status === 0 ? stdout : `${stdout}${stderr}` }
}

const lines = (program, args) => output(program, args).split('\n').filter(Boolean)

function end (sentence, code) {
  console.error(sentence)
  process.exitCode = code
}

const read = file => fs.readFileSync(path.join(ROOT, file), 'utf8')
const name = () => JSON.parse(read('package.json')).name
const version = () => JSON.parse(read('package.json')).version
const tag = () => `v${version()}`

main(process.argv.slice(2))
