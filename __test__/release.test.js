'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { checkChangelog, checkContents, checkOptions, checkRepository, checkTag, checkVersions } = require('../scripts/release/checks')
const { advisories, signatures } = require('../scripts/release/outside')
const { MAX_BINARY, MAX_PACKAGE, MAX_REST, checkSize } = require('../scripts/release/size')

const texts = (npm, locked, crate, crateLock) => ({
  manifest: JSON.stringify({ name: 'it', version: npm }),
  lock: JSON.stringify({ version: locked, packages: { '': { version: locked } } }),
  crate: `[package]\nname = "it"\nversion = "${crate}"\n\n[dependencies]\nother = { version = "9" }\n`,
  crateLock: `version = 4\n\n[[package]]\nname = "other"\nversion = "9.0.0"\n\n[[package]]\nname = "it"\nversion = "${crateLock}"\n`
})

describe('a release has one version', () => {
  test('in all files', () => assert.equal(checkVersions(texts('1.2.3', '1.2.3', '1.2.3', '1.2.3')), null))
  for (const [place, file] of [[1, 'package-lock.json'], [2, 'Cargo.toml'], [3, 'Cargo.lock']]) {
    test(`and ${file} is named where it has another`, () => {
      const versions = /** @type {[string, string, string, string]} */ (Array.from({ length: 4 }, (_, index) => index === place ? '1.2.2' : '1.2.3'))
      assert.equal(checkVersions(texts(...versions)), `package.json has version 1.2.3, but ${file} has 1.2.2`)
    })
  }
})

describe('a release is in the changelog', () => {
  const log = (unreleased, heading, content) => `# Changelog\n\n## [Unreleased]\n${unreleased}\n${heading}\n\n### Added\n\n${content}\n## [1.0.0] - 2020-01-01\n\n- Old.\n`
  for (const [name, text, expected] of [
    ['with a date and content', log('', '## [1.1.0] - 2024-02-29', '- New.'), null],
    ['not where lines are unreleased', log('- Newer.\n', '## [1.1.0] - 2024-02-29', '- New.'), /lines in \[Unreleased\]/],
    ['not without a date', log('', '## [1.1.0]', '- New.'), /needs "## \[1\.1\.0\] - YYYY-MM-DD"/],
    ['not with a day that never was', log('', '## [1.1.0] - 2023-02-29', '- New.'), /does not exist: 2023-02-29/],
    ['not without content', log('', '## [1.1.0] - 2024-02-29', ''), /does not say what is in 1\.1\.0/],
    ['not below a newer version', log('', '## [1.2.0] - 2024-02-29', '- New.'), /needs "## \[1\.1\.0\]/],
    ['not without a place for what comes', '# Changelog\n\n## [1.1.0] - 2024-02-29\n\n- New.\n', /begin with a section \[Unreleased\]/]
  ]) {
    test(name, () => {
      const said = checkChangelog(text, '1.1.0')
      if (expected === null) assert.equal(said, null)
      else assert.match(String(said), expected)
    })
  }
})

describe('the tag of a version', () => {
  const TAG = 'v1.1.0'
  test('is free before a release', () => assert.equal(checkTag(TAG, { here: ['v1.0.0'], all: ['v1.0.0'] }, false), null))
  test('is not used twice', () => assert.equal(checkTag(TAG, { here: [], all: ['v1.0.0', TAG] }, false), 'the tag v1.1.0 exists already'))
  test('is on what is published', () => assert.equal(checkTag(TAG, { here: [TAG], all: [TAG] }, true), null))
  test('is on nothing else where that is published', () => assert.equal(checkTag(TAG, { here: ['v1.0.0'], all: [TAG] }, true), 'what is checked out has no tag v1.1.0'))
})

describe('a package with a provenance', () => {
  for (const repository of ['github:a/b', { type: 'git', url: 'git+https://example.org/a/b.git' }]) {
    test(`names its repository, as in ${JSON.stringify(repository)}`, () => assert.equal(checkRepository(JSON.stringify({ repository })), null))
  }
  for (const manifest of [{}, { repository: { type: 'git' } }]) {
    test(`is told to lack it, as in ${JSON.stringify(manifest)}`, () => assert.match(String(checkRepository(JSON.stringify(manifest))), /names no repository/))
  }
})

describe('whoever calls npm run release', () => {
  for (const options of [['--dry-run'], ['--rehearse'], ['--publish', '--without-tests']]) {
    test(`may say ${options.join(' ')}`, () => assert.equal(checkOptions(options), null))
  }
  for (const options of [[], ['--without-tests'], ['--dry-run', '--publish']]) {
    test(`has to say one thing, not ${options.join(' ') || 'nothing'}`, () => assert.match(String(checkOptions(options)), /^usage: /))
  }
  test('is told what is unknown', () => assert.match(String(checkOptions(['--dry-run', '--force'])), /^unknown option: --force\n/))
})

describe('what others know of the package\'s parts', () => {
  const FINE = { wrong: null, said: null }
  for (const [name, rule] of /** @type {const} */ ([['advisories', advisories], ['signatures', signatures]])) {
    test(`${name}: nothing is said where they find nothing`, () => assert.deepEqual(rule({ code: 0, output: 'ok' }), FINE))
    test(`${name}: any other failure is refused`, () => {
      for (const code of [1, null]) {
        const { wrong, said } = rule({ code, output: 'it broke' })
        assert.match(String(wrong), /it broke/)
        assert.equal(said, null)
      }
    })
  }
  test('advisories: a hole is refused', () => {
    assert.match(String(advisories({ code: 1, output: 'error[vulnerability]: a buffer ends too late\nadvisories FAILED' }).wrong), /a buffer ends too late/)
  })
  test('advisories: without their database that is said', () => {
    const output = '[ERROR] failed to fetch advisory database https://example.org/db with cli: failed to clone'
    assert.deepEqual(advisories({ code: 1, output }), { wrong: null, said: 'advisories were not looked at, since their database cannot be reached from here' })
  })
  test('signatures: a wrong one is refused', () => {
    const output = '1 package has an invalid registry signature:\n\nit@1.0.0 (https://registry.example.org/)'
    assert.match(String(signatures({ code: 1, output }).wrong), /it@1\.0\.0/)
  })
  for (const output of ['npm error code ENOTFOUND\nnpm error syscall getaddrinfo', 'found no dependencies to audit that were installed from a supported registry']) {
    test(`signatures: without keys that is said (${output.split('\n')[0]})`, () => {
      assert.deepEqual(signatures({ code: 1, output }), { wrong: null, said: 'signatures were not looked at, since the keys for them cannot be had here' })
    })
  }
})

describe('a package', () => {
  const BINARIES = ['prebuilds/linux-x64/it.glibc.node', 'prebuilds/linux-x64/it.musl.node']
  const WHOLE = ['package.json', 'README.md', 'LICENSE', 'CHANGELOG.md', 'index.js', 'index.d.ts', 'install.js', 'lib/cli/bin.js', 'Cargo.toml', 'Cargo.lock', 'build.rs', 'src/lib.rs', ...BINARIES]
  test('has what it needs', () => assert.equal(checkContents(WHOLE, BINARIES), null))
  for (const file of ['LICENSE', BINARIES[1]]) {
    test(`is told to lack ${file}`, () => assert.equal(checkContents(WHOLE.filter(each => each !== file), BINARIES), `the package has no ${file}`))
  }
  for (const file of ['.npmrc', '__test__/release.test.js', 'prebuilds/linux-x64/it.glibc.node.sources', 'prebuilds/linux-x64-gnu.node', 'lib/.env', 'target/debug/it']) {
    test(`is told to have ${file}`, () => assert.equal(checkContents([...WHOLE, file], BINARIES), `the package has ${file}, which does not belong there`))
  }
})

describe('the size of a package', () => {
  const binary = bytes => ({ name: 'it.node', bytes })
  test('is told part by part', () => {
    assert.deepEqual(checkSize(1500, [binary(1000)]), {
      parts: [`the package: 1500 of ${MAX_PACKAGE} bytes`, `what is no binary: 500 of ${MAX_REST} bytes`, `it.node: 1000 of ${MAX_BINARY} bytes`],
      wrong: null
    })
  })
  for (const [name, size, binaries, expected] of [
    ['the package', MAX_PACKAGE + 1, [], `the package has ${MAX_PACKAGE + 1} bytes, more than ${MAX_PACKAGE}`],
    ['the sources', MAX_REST + 1001, [binary(1000)], `what is no binary has ${MAX_REST + 1} bytes, more than ${MAX_REST}`],
    ['a binary', MAX_BINARY + 2, [binary(MAX_BINARY + 1)], `it.node has ${MAX_BINARY + 1} bytes, more than ${MAX_BINARY}`]
  ]) {
    test(`has a limit: ${name}`, () => assert.equal(checkSize(size, binaries).wrong, expected))
  }
})
