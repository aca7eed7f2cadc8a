'use strict'

// The codes of reasons are the same wherever they stand: in Rust, in JavaScript's table, in the types and in the documents.

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { test } = require('node:test')
const { REASONS, SWITCH_CODES } = require('../lib/reasons')
const { tableIn } = require('./support/markdown')

const ROOT = path.join(__dirname, '..')
const read = file => fs.readFileSync(path.join(ROOT, file), 'utf8')
const CODES = Object.keys(REASONS).sort()

/** All of Rust's sources but for tests. */
function sources (folder = 'src') {
  return fs.readdirSync(path.join(ROOT, folder), { withFileTypes: true }).flatMap(entry => {
    if (entry.isDirectory()) return entry.name === 'tests' ? [] : sources(`${folder}/${entry.name}`)
    return entry.name.endsWith('.rs') ? [read(`${folder}/${entry.name}`)] : []
  })
}

/** What the functions `code` of one type give, as written there. */
function codesIn (type) {
  const bodies = sources().flatMap(text => [...text.matchAll(new RegExp(`^impl ${type} \\{\\n([^]*?)^\\}`, 'gm'))])
  const functions = bodies.flatMap(([, body]) => [...body.matchAll(/^ {4}(?:pub )?fn code\([^]*?^ {4}\}/gm)])
  return functions.flatMap(([text]) => [...text.matchAll(/"([\w-]+)"/g)]).map(([, code]) => code)
}

/** The codes of the checks, in the order of `findings`: `it.no_work.reason(…)` and `Some(Reason::NoWork)` are both `no-work`. */
function orderOfFindings () {
  const [, body] = /fn findings\([^]*?\n {8}\[\n([^]*?)\n {8}\]/.exec(read('src/consensus/checks/mod.rs'))
  const lines = body.split('\n').filter(line => !/^\s*\/\//.test(line))
  const found = lines.map(line => (/Reason::(\w+)/.exec(line) || /it\.(\w+)\.reason\(/.exec(line) || [])[1])
  // A line that is not understood is not to be passed over.
  return found.map((name, index) => name ? name.replace(/([a-z])([A-Z])/g, '$1-$2').replace(/_/g, '-').toLowerCase() : lines[index].trim())
}

/** The codes in the table of the document that has the rules, as they stand there. */
function documented () {
  return tableIn(read('docs/how-it-decides.md'), 'reason').flatMap(([names]) => [...`\`${names}\``.matchAll(/`([\w-]+)`/g)].map(([, code]) => code))
}

function union (name) {
  const [, text] = new RegExp(`export type ${name} =([^]*?)\\n\\n`).exec(read('index.d.ts'))
  return [...text.matchAll(/'([\w-]+)'/g)].map(([, code]) => code)
}

test('native code gives those in the table, and no others', () => {
  const own = codesIn('Reason')
  const failures = codesIn('FailureKind')
  const states = codesIn('Health').filter(code => !own.includes(code))
  assert.ok(own.includes('draining') && failures.includes('timeout') && states.includes('unconfirmed'))
  assert.deepEqual([...new Set([...own, ...failures, ...states])].sort(), CODES)
})

test('the types name them', () => {
  assert.deepEqual(union('ReasonCode').sort(), CODES)
  assert.deepEqual([...CODES, ...union('SwitchCode')].sort(), [...SWITCH_CODES].sort())
})

test('the documents have a row for each', () => {
  // `unconfirmed` is the reason of a state that stands beside it.
  assert.deepEqual(documented().filter(name => name !== 'unknown').sort(), CODES)
  assert.deepEqual(tableIn(read('README.md'), 'reason').map(([name]) => name).sort(), CODES)
})

test('docs/how-it-decides.md has those of checks in the order in which they are asked', () => {
  const inRust = orderOfFindings()
  assert.ok(inRust.length >= 10 && inRust.every(code => CODES.includes(code)), inRust.join())
  assert.deepEqual(documented().filter(code => inRust.includes(code)), inRust)
})

test('each has words and advice', () => {
  for (const [code, { words, advice }] of Object.entries(REASONS)) {
    assert.match(words({ code }), /^[a-z].*\w$/, code)
    assert.match(advice, /^[a-z].*\w$/, code)
  }
})
