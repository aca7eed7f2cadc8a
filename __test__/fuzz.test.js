'use strict'

// That `npm run fuzz` finds what it looks for in JavaScript, on a mistake that was planted.

const assert = require('node:assert/strict')
const path = require('node:path')
const { describe, test } = require('node:test')
const Coverage = require('../fuzz/coverage')
const { mutate, smaller } = require('../fuzz/mutate')
const { errorOf, search } = require('../fuzz/search')
const { seededRandom } = require('../sim/random')
const Dice = require('../soak/dice')

const SUPPORT = path.join(__dirname, 'support')
const SEED_INPUT = { kind: 'state', source: '1-1', interval: 5000, status: { mode: 'single', head: null } }
const MOST_INPUTS = 2500
const SEEDS = [1, 2, 3]

// The one before the other, or the other's blocks are not counted.
const GUIDED = new Coverage(SUPPORT)
const planted = require('./support/planted')
const BLIND = { reset () {}, hasGrown: () => false }

/** Looks for the planted mistake. */
const look = (coverage, seed) =>
  search({ seeds: [SEED_INPUT], mutate, smaller, holdFor: planted, coverage }, new Dice(seededRandom(seed)), tried => tried >= MOST_INPUTS)

describe('a search in JavaScript', () => {
  test('that is guided by what inputs reach finds a mistake which takes three odd members at once', async () => {
    for (const seed of SEEDS) {
      const { failure } = await look(GUIDED, seed)
      assert.equal(failure && failure.error.message, 'planted', `seed ${seed}`)
    }
  })

  test('that is not guided does not find it with as many inputs', async () => {
    for (const seed of SEEDS) assert.deepEqual(await look(BLIND, seed), { tried: MOST_INPUTS, grown: 0, failure: null })
  })

  test('is the same again with the same seed', async () => {
    const [once, again] = [await look(GUIDED, 3), await look(GUIDED, 3)]
    assert.deepEqual([again.tried, again.grown, again.failure.input], [once.tried, once.grown, once.failure.input])
  })

  test('gives no more of an input than the mistake takes', async () => {
    const { failure: { input } } = await look(GUIDED, 3)
    assert.deepEqual(Object.keys(input).sort(), ['interval', 'kind', 'source', 'status'])
    assert.deepEqual(Object.keys(input.status), ['head'])
  })

  test('finds what an input breaks only later', async () => {
    const error = new Error('late')
    assert.equal(await errorOf(() => process.nextTick(() => { throw error }), {}), error)
  })

  test('does not stay in an endless loop', async () => {
    const error = await errorOf(() => { for (;;); }, {}, 100)
    assert.equal(error.code, 'ERR_SCRIPT_EXECUTION_TIMEOUT')
  })
})
