'use strict'

// What has to hold before a release, as rules on texts: each gives a sentence that says what is wrong, or null.

const BINARY = /^prebuilds\/.*\.node$/
/** Without one of these nobody can use the package, or may. */
const NEEDED = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'index.js', 'index.d.ts', 'install.js', 'lib/cli/bin.js', 'Cargo.toml', 'Cargo.lock', 'build.rs', 'src/lib.rs']
/** What is of use to nobody else, or of somebody's own. */
const UNWANTED = /(^|\/)(__test__|node_modules|target|fuzz|soak|scripts|\.[^/]+)(\/|$)|\.(tgz|sources|tmp|pem|key)$/

/**
 * Whether all files name one version.
 * @param {{ manifest: string, lock: string, crate: string, crateLock: string }} texts of package.json, package-lock.json, Cargo.toml and Cargo.lock
 */
function checkVersions ({ manifest, lock, crate, crateLock }) {
  const { name, version } = JSON.parse(manifest)
  const locked = JSON.parse(lock)
  const found = {
    'package-lock.json': locked.version,
    'package-lock.json (packages)': locked.packages[''].version,
    'Cargo.toml': versionIn(crate, '[package]', name),
    'Cargo.lock': versionIn(crateLock, '[[package]]', name)
  }
  const other = Object.keys(found).find(file => found[file] !== version)
  return other ? `package.json has version ${version}, but ${other} has ${found[other]}` : null
}

/** The version in the section of that heading that has that name. */
function versionIn (toml, heading, name) {
  const section = toml.split(/^(?=\[)/m).find(each => each.startsWith(heading) && each.includes(`\nname = "${name}"\n`)) || ''
  return (/^version = "(.*)"$/m.exec(section) || [])[1]
}

/** Whether the changelog tells what that version is, and leaves nothing for a later one. */
function checkChangelog (text, version) {
  const sections = text.split(/^(?=## )/m).filter(each => each.startsWith('## '))
  const [unreleased, newest] = sections
  if (!unreleased || headingOf(unreleased) !== '## [Unreleased]') return 'CHANGELOG.md has to begin with a section [Unreleased]'
  if (hasContent(unreleased)) return 'CHANGELOG.md has lines in [Unreleased], which belong into a version'
  const [, found, date] = /^## \[(.*)\] - (\d{4}-\d\d-\d\d)$/.exec(newest ? headingOf(newest) : '') || []
  if (found !== version) return `CHANGELOG.md needs "## [${version}] - YYYY-MM-DD" below [Unreleased]`
  if (!isDate(date)) return `CHANGELOG.md has a date that does not exist: ${date}`
  return hasContent(newest) ? null : `CHANGELOG.md does not say what is in ${version}`
}

const headingOf = section => section.split('\n')[0].trimEnd()
const hasContent = section => section.split('\n').slice(1).some(line => /^\s*[^\s#]/.test(line))

function isDate (text) {
  const date = new Date(`${text}T00:00:00Z`)
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text)
}

/**
 * Whether the tag of a version is where it has to be: nowhere before a release, and on what is checked out when that is published.
 * @param {string} tag
 * @param {{ here: string[], all: string[] }} tags
 * @param {boolean} publishing
 */
function checkTag (tag, { here, all }, publishing) {
  if (publishing) return here.includes(tag) ? null : `what is checked out has no tag ${tag}`
  return all.includes(tag) ? `the tag ${tag} exists already` : null
}

/** Whether the manifest names where the sources are: a registry compares that with where a package with a provenance was made. @param {string} manifest */
function checkRepository (manifest) {
  const { repository } = JSON.parse(manifest)
  const url = typeof repository === 'string' ? repository : repository && repository.url
  return url ? null : 'package.json names no repository, and without one there is no provenance'
}

/** Just one of them is what is asked for. */
const WAYS = ['--dry-run', '--rehearse', '--publish']
const USAGE = `usage: release.js ${WAYS.join(' | ')} [--without-tests]`

/** Whether the words of a command line say what to do. @param {string[]} options */
function checkOptions (options) {
  const unknown = options.find(option => ![...WAYS, '--without-tests'].includes(option))
  if (unknown) return `unknown option: ${unknown}\n${USAGE}`
  return options.filter(option => WAYS.includes(option)).length === 1 ? null : USAGE
}

/**
 * Whether the package has what it needs, and nothing else.
 * @param {string[]} files as npm names them
 * @param {string[]} binaries those of all platforms
 */
function checkContents (files, binaries) {
  const missing = [...NEEDED, ...binaries].find(file => !files.includes(file))
  if (missing) return `the package has no ${missing}`
  const unwanted = files.find(file => UNWANTED.test(file) || (BINARY.test(file) && !binaries.includes(file)))
  return unwanted ? `the package has ${unwanted}, which does not belong there` : null
}

module.exports = { checkChangelog, checkContents, checkOptions, checkRepository, checkTag, checkVersions }
