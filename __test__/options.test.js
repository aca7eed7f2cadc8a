'use strict'

// The options are the same wherever they stand: in Rust's table, which is the one that counts, in JavaScript, in the types and in the documents.

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { OPTIONS, numberOf, optionOf } = require('../lib/options')
const native = require('../lib/source/binary')
const { isCurrent } = require('../scripts/build')
const { tableIn } = require('./support/markdown')
const { constantOf, filesIn, readTable, valueOf } = require('./support/rust-options')

const ROOT = path.join(__dirname, '..')
const read = file => fs.readFileSync(path.join(ROOT, file), 'utf8')
const TABLE = readTable()
const NAMES = [...TABLE.keys()].sort()
/** Options whose defaults follow from something else, as Rust writes them, and what the documents say of them. */
const FOLLOWING = { stallAfter: ['STALL_AFTER_BLOCKS * block_target', `${constantOf(filesIn('').join('\n'), 'STALL_AFTER_BLOCKS')} block times`] }
const DEFAULTS = new Map([...TABLE].filter(([name, row]) => row.default !== undefined && !(name in FOLLOWING)).map(([name, row]) => [name, valueOf(name, row.default)]))

function mistakesOf (options) {
  const daemons = [1, 2, 3].map(number => ({ host: `127.0.0.${number}`, port: 2 }))
  return native.configMistakes(JSON.stringify({ daemon: { host: '127.0.0.1', port: 1 }, multiDaemon: { enabled: true, daemons, ...options } }))
}

/** What native code says that a number may be. */
function boundsOf (name) {
  const [mistake] = mistakesOf({ [name]: -1 })
  const [, least, most, orFalse] = /from (\d+) to (\d+)(, or false)?$/.exec(mistake) || []
  return least === undefined ? null : { least: Number(least), most: Number(most), orFalse: Boolean(orFalse) }
}

test('the addon is made of the sources that are here', () => {
  assert.ok(isCurrent(path.join(ROOT, 'turtle-pool-multi-daemon.node')), 'the .node file is older than src/: run npm run build, or what follows compares with what was')
})

test('the table is read as it stands', () => {
  assert.ok(NAMES.length >= 18 && DEFAULTS.size >= 10, NAMES.join())
  assert.deepEqual([DEFAULTS.get('timeout'), DEFAULTS.get('hedgeAfter'), DEFAULTS.get('failback'), DEFAULTS.get('fallback')], [2000, 500, false, 'primary'])
  for (const [name, [expression]] of Object.entries(FOLLOWING)) assert.equal(TABLE.get(name).default, expression)
})

test('a default that is no literal is not passed over', () => {
  for (const expression of ['3 * block_target', 'defaults.nobody', 'Some(NOT_THERE)']) assert.throws(() => valueOf('any', expression), /the default of any is no literal/)
})

test('native code knows these and no others', () => {
  assert.equal(mistakesOf({ another: 1 }).length, 1)
  for (const name of NAMES) for (const mistake of mistakesOf({ [name]: null })) assert.doesNotMatch(mistake, /is not known/, name)
})

test('native code takes its own defaults and bounds, and nothing beyond', () => {
  for (const [name, value] of DEFAULTS) assert.deepEqual(mistakesOf({ [name]: value }), [], name)
  const bounded = NAMES.filter(boundsOf)
  assert.ok(bounded.length > 10, bounded.join())
  for (const name of bounded) {
    const { least, most, orFalse } = boundsOf(name)
    for (const right of [least, most].concat(orFalse ? false : [])) assert.deepEqual(mistakesOf({ [name]: right }), [], name)
    for (const wrong of [least - 1, most + 1]) assert.equal(mistakesOf({ [name]: wrong }).length, 1, `${name} ${wrong}`)
  }
})

test('JavaScript assumes the same defaults and bounds', () => {
  for (const [name, { default: value, bounds }] of Object.entries(OPTIONS)) {
    assert.equal(value, DEFAULTS.get(name), name)
    const { least, most } = boundsOf(name) || {}
    if (bounds) assert.deepEqual(bounds, [least, most], name)
  }
})

test('the types have every one', () => {
  const [, block] = /export interface MultiDaemonConfig \{\n([^]*?)\n\}/.exec(read('index.d.ts'))
  assert.deepEqual([...block.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name]) => name).sort(), NAMES)
})

test('docs/configuration.md has a row for each, with its unit, default and bounds', () => {
  const rows = tableIn(read('docs/configuration.md'), 'option')
  assert.deepEqual(rows.map(([name]) => name).sort(), NAMES)
  for (const [name, unit, shown, bounds] of rows) {
    const { parser = '' } = TABLE.get(name)
    assert.equal(unit === 'ms', /\bmilliseconds\(/.test(parser), name)
    assert.equal(unit !== '', /\b(milliseconds|count)\(/.test(parser), name)
    checkDefault(name, shown.replace(/`/g, ''))
    const { least, most, orFalse } = boundsOf(name) || {}
    if (least !== undefined) assert.equal(bounds, `${least} to ${most}${orFalse ? ', or `false`' : ''}`, name)
  }
})

test('what writes configurations for tests knows each', () => {
  const { multiDaemon } = JSON.parse(read('src/config/tests/pool.json'))
  assert.deepEqual(Object.keys(multiDaemon).sort(), NAMES)
  // Each is there with another value than where it is left out, as far as that can be told: what reads or writes it is noticed then.
  for (const [name, value] of DEFAULTS) assert.notEqual(multiDaemon[name], value, name)
  const words = read('fuzz/json.dict').split('\n')
  for (const name of NAMES) assert.ok(words.includes(JSON.stringify(`${JSON.stringify(name)}:`)), name)
})

/** Where Rust's table has no default, native code says whether the option may be left out, and takes what is shown. */
function checkDefault (name, shown) {
  if (DEFAULTS.has(name)) assert.equal(shown, JSON.stringify(DEFAULTS.get(name)), name)
  else if (name in FOLLOWING) assert.equal(shown, FOLLOWING[name][1], name)
  else if (shown === 'required') assert.equal(mistakesOf({ [name]: undefined }).length, 1, name)
  else if (shown === 'none' || shown === '') assert.deepEqual(mistakesOf({ [name]: undefined }), [], name)
  else assert.deepEqual(mistakesOf({ [name]: JSON.parse(shown) }), [], name)
}

test('one that is left out has its default, and one that is wrong counts as left out where only a number is of use', () => {
  assert.deepEqual([optionOf({}, 'minHealthy'), optionOf(undefined, 'fallback'), optionOf({ minOutsidePeers: 0 }, 'minOutsidePeers')], [3, 'primary', 0])
  for (const wrong of [9, 86400001, '5000', NaN, null, undefined]) assert.equal(numberOf({ pollingInterval: wrong }, 'pollingInterval'), 5000)
  assert.equal(numberOf({ pollingInterval: 10 }, 'pollingInterval'), 10)
})
