'use strict'

// Where the documents point to: files that are there, chapters that are there, and for what README claims the tests that show it.

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { describe, test } = require('node:test')

const ROOT = path.join(__dirname, '..')
const DOCUMENTS = ['README.md', 'CHANGELOG.md', 'docs/benchmarks.md', 'docs/how-it-decides.md', 'docs/gateway.md']
/** Chapters of README that claim nothing that a test could show: what was measured is in docs/benchmarks.md. */
const WITHOUT_TESTS = ['What it costs and what it saves', 'Licence']
const TEST_FOLDERS = /^(__test__|tests|src\/(.+\/)?tests)(\/|$)/

const read = file => fs.readFileSync(path.join(ROOT, file), 'utf8')

/** The text without blocks of code, in which `[a](b)` is no link and `# a` is no heading. */
const prose = markdown => markdown.replace(/^```[^]*?^```$/gm, '')

/** Where links and pictures lead to, but for those to other sites. Code between backticks has none. */
function linksIn (markdown) {
  const text = prose(markdown).replace(/`[^`\n]*`/g, 'code')
  return [...text.matchAll(/\]\(([^()\s]+)\)/g)].map(([, target]) => target).filter(target => !/^[a-z]+:/.test(target))
}

/** The anchors that GitHub gives to headings: lower case, no punctuation, hyphens for spaces, a number for one more of a name. */
function anchorsIn (markdown) {
  const seen = new Map()
  return [...prose(markdown).matchAll(/^#{1,6} +(.+)$/gm)].map(([, heading]) => {
    const slug = heading.trim().toLowerCase().replace(/[^\p{L}\p{N}\p{M} _-]/gu, '').replace(/ /g, '-')
    const before = seen.get(slug) || 0
    seen.set(slug, before + 1)
    return before === 0 ? slug : `${slug}-${before}`
  })
}

/** Those of the document's links that lead nowhere. */
function deadLinksIn (document) {
  return linksIn(read(document)).filter(link => {
    const [file, anchor] = link.split('#')
    const target = file === '' ? document : path.join(path.dirname(document), file)
    if (!fs.existsSync(path.join(ROOT, target))) return true
    return anchor !== undefined && !anchorsIn(read(target)).includes(anchor)
  })
}

describe('links', () => {
  for (const document of DOCUMENTS) {
    test(`of ${document} lead to what is there`, () => assert.deepEqual(deadLinksIn(document), []))
  }

  test('of README are found, those to files and those to chapters', () => {
    const links = linksIn(read('README.md'))
    for (const link of ['docs/how-it-decides.md', 'docs/week.svg', '#configuration', '__test__/ha.test.js']) assert.ok(links.includes(link), link)
  })

  test('in code are none', () => {
    assert.deepEqual(linksIn('[a](b.md) `[c](d.md)` [`e`](f.md)\n```js\n[g](h.md)\n```\n![i](j.svg) [k](https://example.com)'), ['b.md', 'f.md', 'j.svg'])
  })

  test('to headings are those of GitHub', () => {
    const headings = '# No false orphans: `lib/blockUnlocker.js`\n## The one line\n```sh\n# no heading\n```\n### The one line\n'
    assert.deepEqual(anchorsIn(headings), ['no-false-orphans-libblockunlockerjs', 'the-one-line', 'the-one-line-1'])
  })
})

test('every chapter of README that makes claims names tests that show them', () => {
  const chapters = prose(read('README.md')).split(/^##? +/m).slice(1)
  assert.ok(chapters.length > 10)
  const bare = chapters.filter(chapter => {
    const lines = chapter.split('\n').filter(line => line.startsWith('<sub>Shown by: '))
    return lines.length === 0 || !lines.every(line => linksIn(line).length > 0 && linksIn(line).every(link => TEST_FOLDERS.test(link)))
  })
  assert.deepEqual(bare.map(chapter => chapter.split('\n')[0]), WITHOUT_TESTS)
})
