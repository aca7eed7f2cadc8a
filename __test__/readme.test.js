'use strict'

// What the documents say that can be looked up: links lead to what is there, commands and configurations are such that the addon takes them, the
// tables of options and reasons are complete, and for each chapter that makes claims there are tests that show them.

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { describe, test } = require('node:test')
const { spawnSync } = require('node:child_process')

const { scripts } = require('../package.json')
const { readOptions } = require('../lib/cli/options')
const native = require('../lib/source/binary')
const { prose, rowsIn, tableIn } = require('./support/markdown')

const ROOT = path.join(__dirname, '..')
const EVIDENCE = 'docs/evidence.md'
const DOCUMENTS = ['README.md', 'CHANGELOG.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', ...fs.readdirSync(path.join(ROOT, 'docs')).filter(name => name.endsWith('.md')).map(name => `docs/${name}`)]
/** For those who change it, or what was measured: no claims to operators. */
const NO_CLAIMS = ['CHANGELOG.md', 'ARCHITECTURE.md', 'CONTRIBUTING.md', 'SECURITY.md', 'docs/benchmarks.md']
/** Documents that have tests as a whole: a row of the evidence names the document, and no chapter. */
const WHOLE = ['docs/in-code.md', 'docs/how-it-decides.md', 'docs/gateway.md']
/** Chapters that claim nothing that a test here could show: what was measured, what is somebody else's, and what only leads elsewhere. */
const WITHOUT_TESTS = [
  'README.md#more', 'README.md#licence',
  'docs/cryptonote-nodejs-pool.md#installation', 'docs/cryptonote-nodejs-pool.md#what-you-see-in-the-log',
  'docs/cryptonote-nodejs-pool.md#merged-mining', 'docs/cryptonote-nodejs-pool.md#forks-of-this-pool',
  'docs/evidence.md#which-test-shows-which-claim', 'docs/evidence.md#tried-on-real-daemons', 'docs/evidence.md#what-it-costs-and-what-it-saves',
  'docs/other-pools-and-wallets.md#wallets', 'docs/other-pools-and-wallets.md#zone117xs-node-cryptonote-pool',
  'docs/other-pools-and-wallets.md#snipa22s-nodejs-pool', 'docs/other-pools-and-wallets.md#monerooceans-nodejs-pool',
  'docs/other-pools-and-wallets.md#jtgrassies-monero-pool'
]
const TEST_FOLDERS = /^(__test__|tests|src\/(.+\/)?tests)(\/|$)/
/** What links in the package may lead out of it: pictures of the page, which are large and have a text, and tests, which need the whole repository. */
const LEFT_OUT = file => file.startsWith('docs/screenshots/') || TEST_FOLDERS.test(file) || file.startsWith('benches/')
/** What a line says that leads to other files which only the repository has. */
const ELSEWHERE = 'in the repository'
/** Lines that somebody reads at night. */
const LONGEST_README = 200

const read = file => fs.readFileSync(path.join(ROOT, file), 'utf8')

/** The blocks of code of one language. */
const blocksOf = (markdown, language) => [...markdown.matchAll(/^```(\S*)\n([^]*?)^```$/gm)].filter(([, name]) => name === language).map(([,, text]) => text)

/** Where links and pictures lead to, but for those to other sites. Code between backticks has none. */
function linksIn (markdown) {
  const text = prose(markdown).replace(/`[^`\n]*`/g, 'code')
  return [...text.matchAll(/\]\(([^()\s]+)\)/g)].map(([, target]) => target).filter(target => !/^[a-z]+:/.test(target))
}

/** The anchors that GitHub gives to headings: lower case, no punctuation, hyphens for spaces, a number for one more of a name. */
function anchorsIn (markdown, headings = /^#{1,6} +(.+)$/gm) {
  const seen = new Map()
  return [...prose(markdown).matchAll(headings)].map(([, heading]) => {
    const slug = heading.trim().toLowerCase().replace(/[^\p{L}\p{N}\p{M} _-]/gu, '').replace(/ /g, '-')
    const before = seen.get(slug) || 0
    seen.set(slug, before + 1)
    return before === 0 ? slug : `${slug}-${before}`
  })
}

/** A link of a document as a path from the root, with its anchor. */
function resolved (document, link) {
  const [file, anchor] = link.split('#')
  const target = file === '' ? document : path.join(path.dirname(document), file)
  return anchor === undefined ? target : `${target}#${anchor}`
}

/** What `npm pack` would put into the package. */
function packedFiles () {
  const { status, stdout, stderr } = spawnSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], { cwd: ROOT, encoding: 'utf8', timeout: 60000 })
  assert.equal(status, 0, stderr)
  // An array, or with some versions of npm an object by name.
  return Object.values(JSON.parse(stdout))[0].files.map(file => file.path)
}

/** Those of the document's links that lead nowhere. */
function deadLinksIn (document) {
  return linksIn(read(document)).filter(link => {
    const [target, anchor] = resolved(document, link).split('#')
    if (!fs.existsSync(path.join(ROOT, target))) return true
    return anchor !== undefined && !anchorsIn(read(target)).includes(anchor)
  })
}

/**
 * What the document says to type: lines of blocks for a shell, and code in sentences and tables; also what a unit of systemd starts. Several
 * commands may stand in a line, and one may go on in the next.
 */
function commandsIn (markdown) {
  const inline = [...prose(markdown).matchAll(/`([^`\n]+)`/g)].map(([, text]) => text)
  const typed = blocksOf(markdown, 'sh').join('').replace(/\\\n\s*/g, '').split('\n').concat(inline).map(line => line.replace(/ +#.*$/, ''))
  const started = [...blocksOf(markdown, 'ini').join('').matchAll(/^Exec\w+=\S*\/turtle-pool-multi-daemon (.*)$/gm)].map(([, words]) => `npx turtle-pool-multi-daemon ${words}`)
  return typed.flatMap(line => line.split(/ *(?:&&|\|\||[;|]) */)).map(line => line.replace(/^(sudo|\$) +/, '')).filter(line => /^(npm|npx) /.test(line)).concat(started)
}

/** What is wrong with a command, if anything is. */
function mistakeInCommand (command) {
  const [program, ...words] = command.split(/\s+/)
  return program === 'npm' ? mistakeOfNpm(words) : mistakeOfNpx(words)
}

function mistakeOfNpm ([verb, name]) {
  if (verb === 'run') return scripts[name] ? null : `there is no script ${name}`
  return ['start', 'test', 'install', 'pack'].includes(verb) ? null : `npm ${verb}?`
}

function mistakeOfNpx ([name, command, ...options]) {
  if (name !== 'turtle-pool-multi-daemon') return `npx ${name}?`
  if (command === undefined || command === 'COMMAND') return null
  if (!fs.existsSync(path.join(ROOT, 'lib', 'cli', 'commands', `${command}.js`))) return `there is no command ${command}`
  try {
    const { options: known, operand } = require(`../lib/cli/commands/${command}`)
    readOptions(options.map(word => /^(N|PORT)$/.test(word) ? '1' : word), known, operand)
    return null
  } catch ({ message }) {
    return message
  }
}

describe('links', () => {
  for (const document of DOCUMENTS) {
    test(`of ${document} lead to what is there`, () => assert.deepEqual(deadLinksIn(document), []))
  }

  test('of the package lead to what is in it, or the line says that it is in the repository', () => {
    const files = packedFiles()
    const documents = DOCUMENTS.filter(document => files.includes(document))
    assert.ok(documents.includes('README.md') && documents.includes('docs/how-it-decides.md'))
    const isThere = link => files.some(file => file === link || file.startsWith(`${link}/`))
    const dead = documents.flatMap(document => read(document).split('\n').filter(line => !line.includes(ELSEWHERE))
      .flatMap(line => linksIn(line).map(link => [document, resolved(document, link).split('#')[0]])))
      .filter(([, link]) => !isThere(link) && !LEFT_OUT(link))
    assert.deepEqual(dead, [])
  })

  test('are found, those to files and those to chapters', () => {
    const links = linksIn(read('README.md'))
    for (const link of ['docs/how-it-decides.md', 'docs/screenshots/forked.png', 'docs/operating.md#status-page']) assert.ok(links.includes(link), link)
  })

  test('in code are none', () => {
    assert.deepEqual(linksIn('[a](b.md) `[c](d.md)` [`e`](f.md)\n```js\n[g](h.md)\n```\n![i](j.svg) [k](https://example.com)'), ['b.md', 'f.md', 'j.svg'])
  })

  test('to headings are those of GitHub', () => {
    const headings = '# No false orphans: `lib/blockUnlocker.js`\n## The one line\n```sh\n# no heading\n```\n### The one line\n'
    assert.deepEqual(anchorsIn(headings), ['no-false-orphans-libblockunlockerjs', 'the-one-line', 'the-one-line-1'])
  })

  test('lead from README to every document', () => {
    const linked = new Set(linksIn(read('README.md')).map(link => link.split('#')[0]))
    assert.deepEqual(DOCUMENTS.filter(document => document !== 'README.md' && !linked.has(document)), [])
  })
})

describe('commands', () => {
  for (const document of DOCUMENTS) {
    test(`of ${document} are taken`, () => {
      assert.deepEqual(commandsIn(read(document)).map(command => [command, mistakeInCommand(command)]).filter(([, mistake]) => mistake), [])
    })
  }

  test('are found, in blocks and in sentences', () => {
    const commands = commandsIn(read('README.md'))
    for (const command of ['npm start', 'npm test', 'npx turtle-pool-multi-daemon check']) assert.ok(commands.includes(command), command)
  })

  test('that are wrong are found out', () => {
    assert.deepEqual(commandsIn('`npm run nothing` and\n```sh\nnpx turtle-pool-multi-daemon serve --gate 1   # ?\n```\n').map(mistakeInCommand).map(Boolean), [true, true])
    const mistakes = [
      ['npx turtle-pool-multi-daemon serv', 'there is no command serv'],
      ['cd /opt && npx turtle-pool-multi-daemon status --jso', 'there is no option --jso'],
      ['npx turtle-pool-multi-daemon check --json \\\n  --write', 'there is no option --write'],
      ['npx turtle-pool-multi-daemon watch --config', '--config needs a value'],
      ['npx turtle-pool-multi-daemon serve --gateway ten', '--gateway: \'ten\' is not a port'],
      ['sudo npx turtle-pool-multi-daemon status pool', 'unexpected argument \'pool\'']
    ]
    for (const [command, mistake] of mistakes) assert.ok(commandsIn(`\`\`\`sh\n${command}\n\`\`\`\n`).map(mistakeInCommand)[0].startsWith(mistake), command)
    assert.deepEqual(commandsIn('```ini\nExecStart=/opt/bin/turtle-pool-multi-daemon serve --port 1 --gate 2\n```\n').map(mistakeInCommand).map(Boolean), [true])
  })
})

describe('configurations', () => {
  for (const document of DOCUMENTS) {
    test(`in ${document} are ones that the addon takes`, () => {
      for (const text of blocksOf(read(document), 'json')) {
        const config = Object.assign({ daemon: { host: '127.0.0.1', port: 11898 } }, JSON.parse(text))
        assert.deepEqual(native.configMistakes(JSON.stringify(config)), [], text)
      }
    })
  }
})

describe('tables', () => {
  const namesIn = (text, pattern) => [...text.matchAll(pattern)].map(([, name]) => name)

  test('of reasons have the words of the log', () => {
    const sources = ['src/consensus/health.rs', 'src/net/failure.rs'].map(read).join('')
    const rows = tableIn(read('README.md'), 'reason').map(([code, words]) => [code, namesIn(words, /`([^`]+)`/g)])
    assert.deepEqual(rows.filter(([, words]) => words.length === 0).map(([code]) => code), ['invalid-reply'], 'whose words are the daemon\'s')
    for (const [code, words] of rows) for (const text of words) assert.ok(sources.includes(text), `${code}: ${text}`)
  })

  test('of commands have every command and option', () => {
    const known = namesIn(/COMMANDS = \[(.*)\]/.exec(read('lib/cli/index.js'))[1], /'(\w+)'/g)
    assert.deepEqual(tableIn(read('docs/command-line.md'), 'command').map(([name]) => name), known)
    const told = tableIn(read('docs/command-line.md'), 'option').map(([name, commands]) => [/^--(\w+)/.exec(name)[1], namesIn(commands, /`(\w+)`/g)])
    for (const command of known) {
      const own = Object.keys(require(`../lib/cli/commands/${command}`).options)
      assert.deepEqual(told.filter(([, commands]) => commands.includes(command)).map(([name]) => name).sort(), own.sort(), command)
    }
  })
})

describe('evidence', () => {
  const rows = rowsIn(read(EVIDENCE)).map(([chapter, tests]) => [linksIn(chapter || ''), linksIn(tests || '')])
    .filter(([chapter]) => chapter.length === 1).map(([[chapter], tests]) => [resolved(EVIDENCE, chapter), tests.map(link => resolved(EVIDENCE, link))])

  test('is a test for every chapter that makes claims', () => {
    const chapters = DOCUMENTS.filter(document => !WHOLE.includes(document) && !NO_CLAIMS.includes(document))
      .flatMap(document => anchorsIn(read(document), /^## +(.+)$/gm).map(anchor => `${document}#${anchor}`))
    const shown = rows.map(([chapter]) => chapter)
    assert.ok(rows.length > 20)
    assert.deepEqual(chapters.filter(chapter => !shown.includes(chapter)), WITHOUT_TESTS)
    assert.deepEqual(WHOLE.filter(document => !shown.includes(document)), [])
  })

  test('names tests, and nothing else', () => {
    for (const [chapter, tests] of rows) {
      assert.ok(tests.length > 0, chapter)
      assert.deepEqual(tests.filter(link => !TEST_FOLDERS.test(link)), [], chapter)
    }
  })
})

test('README is short enough to be read at night', () => {
  assert.ok(read('README.md').split('\n').length <= LONGEST_README)
})
