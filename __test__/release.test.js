'use strict'

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const { checkChangelog, checkContents, checkVersions } = require('../scripts/release/checks')

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
