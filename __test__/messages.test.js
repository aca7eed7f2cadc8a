'use strict'

// Whatever comes in place of a message between a pool's master and its workers.

const assert = require('node:assert/strict')
const fs = require('node:fs')
const path = require('node:path')
const { describe, test } = require('node:test')
const fc = require('fast-check')
const { PROPERTIES } = require('./support/messages')

const RUNS = 2000
/** Inputs that once broke something: a property's name, and what came. */
const KEPT = path.join(__dirname, '..', 'fuzz', 'regressions', 'messages')
const NAMES = {
  understand: 'a worker understands what its master says',
  follow: 'a worker has an answer at any time, and it is the one it heard last',
  lead: 'nothing that a worker sends reaches native code unless that takes it',
  start: 'whatever stands in the environment, a worker starts',
  leave: 'a worker finds in the environment what its master left there'
}

describe('whatever is sent', () => {
  for (const [name, { input, holdFor }] of Object.entries(PROPERTIES)) {
    test(NAMES[name], () => fc.assert(fc.property(input, holdFor), { numRuns: RUNS }))
  }

  test('what once broke something breaks nothing', () => {
    const inputs = fs.readdirSync(KEPT).map(file => JSON.parse(fs.readFileSync(path.join(KEPT, file), 'utf8')))
    assert.ok(inputs.length >= 2)
    for (const { property, input } of inputs) PROPERTIES[property].holdFor(input)
  })
})
