'use strict'

// The options are the same wherever they stand: in Rust, in JavaScript's table, in the types and in the documents.

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { OPTIONS, numberOf, optionOf } = require('../lib/options')
const native = require('../lib/source/binary')
const { tableIn } = require('./support/markdown')

const ROOT = path.join(__dirname, '..')
const read = file => fs.readFileSync(path.join(ROOT, file), 'utf8')
const BOUNDED = Object.entries(OPTIONS).filter(([, { bounds }]) => bounds)
const [, BLOCK] = /export interface MultiDaemonConfig \{\n([^]*?)\n\}/.exec(read('index.d.ts'))

function mistakesOf (options) {
  const daemons = [1, 2, 3].map(number => ({ host: `127.0.0.${number}`, port: 2 }))
  return native.configMistakes(JSON.stringify({ daemon: { host: '127.0.0.1', port: 1 }, multiDaemon: { enabled: true, daemons, ...options } }))
}

test('native code has the same bounds', () => {
  assert.ok(BOUNDED.length > 10)
  for (const [name, { bounds: [least, most], orFalse }] of BOUNDED) {
    const [mistake] = mistakesOf({ [name]: -1 })
    assert.ok(mistake.endsWith(`from ${least} to ${most}${orFalse ? ', or false' : ''}`), mistake)
    for (const right of [least, most].concat(orFalse ? false : [])) assert.deepEqual(mistakesOf({ [name]: right }), [], name)
    for (const wrong of [least - 1, most + 1]) assert.equal(mistakesOf({ [name]: wrong }).length, 1, `${name} ${wrong}`)
  }
})

test('native code knows no others, and takes the defaults', () => {
  assert.equal(mistakesOf({ another: 1 }).length, 1)
  for (const [name, { default: value }] of Object.entries(OPTIONS)) if (value !== undefined) assert.deepEqual(mistakesOf({ [name]: value }), [], name)
})

test('native code has the same defaults', () => {
  const defaults = { ...defaultsOf('Rules'), ...defaultsOf('Policy') }
  const known = BOUNDED.filter(([name]) => snake(name) in defaults)
  assert.ok(known.length >= 8, Object.keys(defaults).join())
  // `stallAfter` follows from the time of a block, so it is no row's default.
  for (const [name, { default: value }] of known) if (value !== undefined) assert.equal(defaults[snake(name)], value, name)
})

test('the types have every one', () => {
  assert.deepEqual([...BLOCK.matchAll(/^ {2}(\w+)\??:/gm)].map(([, name]) => name).sort(), Object.keys(OPTIONS).sort())
})

test('docs/configuration.md has a row for each, with its unit, default and bounds', () => {
  const rows = tableIn(read('docs/configuration.md'), 'option')
  assert.deepEqual(rows.map(([name]) => name), Object.keys(OPTIONS))
  for (const [name, unit, shown, bounds] of rows) {
    const { unit: ownUnit = '', default: value, bounds: [least, most] = [], orFalse } = OPTIONS[name]
    assert.equal(unit, ownUnit, name)
    if (value !== undefined) assert.equal(shown.replace(/`/g, ''), JSON.stringify(value), name)
    else assert.match(shown, /^(required|none|10 block times|)$/, name)
    if (least !== undefined) assert.equal(bounds, `${least} to ${most}${orFalse ? ', or `false`' : ''}`, name)
  }
})

test('one that is left out has its default, and one that is wrong counts as left out where only a number is of use', () => {
  assert.deepEqual([optionOf({}, 'minHealthy'), optionOf(undefined, 'fallback'), optionOf({ failback: 0 }, 'failback')], [3, 'primary', 0])
  for (const wrong of [9, 86400001, '5000', NaN, null, undefined]) assert.equal(numberOf({ pollingInterval: wrong }, 'pollingInterval'), 5000)
  assert.equal(numberOf({ pollingInterval: 10 }, 'pollingInterval'), 10)
})

/** The numbers in a `Default` of Rust, durations in milliseconds; `false` for none. */
function defaultsOf (type) {
  const text = sources().find(text => text.includes(`impl Default for ${type} {`))
  const [, body] = new RegExp(`impl Default for ${type} \\{[^]*?Self \\{([^]*?)\\}\\n`).exec(text)
  const members = [...body.matchAll(/(\w+): (Duration::from_(secs|millis)\()?(\d+|None)\b/g)]
  return Object.fromEntries(members.map(([, name,, unit, value]) => [name, value === 'None' ? false : Number(value) * (unit === 'secs' ? 1000 : 1)]))
}

function sources () {
  return fs.readdirSync(path.join(ROOT, 'src'), { recursive: true }).filter(file => file.endsWith('.rs')).map(file => read(path.join('src', file)))
}

function snake (name) {
  return name.replace(/[A-Z]/g, letter => `_${letter.toLowerCase()}`)
}
