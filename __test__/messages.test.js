'use strict'

// Whatever comes in place of a message between a pool's master and its workers.

const assert = require('node:assert/strict')
const { describe, test } = require('node:test')
const fc = require('fast-check')
const { kept } = require('../fuzz/messages')
const { PROPERTIES } = require('../fuzz/properties/messages')

const RUNS = 1000
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
    const inputs = kept()
    assert.ok(inputs.length >= 2)
    for (const { property, input } of inputs) PROPERTIES[property].holdFor(input)
  })
})
