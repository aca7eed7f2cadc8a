'use strict'

// What `npm run soak` judges by, and that it does fail.

const assert = require('node:assert/strict')
const { spawnSync } = require('node:child_process')
const path = require('node:path')
const { describe, test } = require('node:test')
const { growthOf } = require('../soak/growth')
const { overstays } = require('../soak/judge')
const { limitsOf } = require('../soak/limits')
const { acts } = require('../soak/plan')
const { DIALECTS } = require('../soak/settings')

const MAIN = path.join(__dirname, '..', 'soak', 'main.js')
const DAEMONS = ['A', 'B', 'C', 'D']
const LIMITS = { dead: 1000, astray: 2000 }

const given = (from, to, { daemon = 'A', mode = 'multi' } = {}) => ({ who: 'somebody', daemon, mode, from, to })
const bad = (from, to, { daemon = 'A', how = 'dead' } = {}) => ({ daemon, how, what: 'a fault', from, to })
const judge = (givens, bads, stalls = []) => {
  const { longest, violations } = overstays(givens, bads, { limits: LIMITS, daemons: DAEMONS, stalls })
  return { longest, violations: violations.length }
}

describe('the soak judges the answers of getDaemon()', () => {
  test('a dead daemon may be the answer for as long as finding it takes', () => {
    assert.deepEqual(judge([given(0, 5900)], [bad(5000, 8000)]), { longest: { dead: 900, astray: 0 }, violations: 0 })
  })

  test('a dead daemon that is the answer for longer is a violation', () => {
    assert.deepEqual(judge([given(0, 6100)], [bad(5000, 8000)]), { longest: { dead: 1100, astray: 0 }, violations: 1 })
  })

  test('a dead daemon that becomes the answer late is a violation, however short', () => {
    assert.equal(judge([given(6100, 6150)], [bad(5000, 8000)]).violations, 1)
  })

  test('a daemon that has recovered is as good as any', () => {
    assert.equal(judge([given(8000, 20000)], [bad(5000, 8000)]).violations, 0)
  })

  test('in mode single nothing is promised', () => {
    assert.equal(judge([given(0, 9000, { mode: 'single' })], [bad(5000, 8000)]).violations, 0)
  })

  test('another daemon is not to blame', () => {
    assert.equal(judge([given(0, 9000, { daemon: 'B' })], [bad(5000, 8000)]).violations, 0)
  })

  test('a process that was not given its turn may be as late as that', () => {
    const stalls = [{ at: 5900, late: 500 }]
    assert.equal(judge([given(0, 6400)], [bad(5000, 8000)], stalls).violations, 0)
    assert.equal(judge([given(0, 6600)], [bad(5000, 8000)], stalls).violations, 1)
  })

  test('a daemon astray is a violation once a sound majority has had time to outvote it', () => {
    assert.equal(judge([given(0, 9000)], [bad(5000, 9000, { how: 'astray' })]).violations, 1)
    assert.equal(judge([given(0, 6900)], [bad(5000, 9000, { how: 'astray' })]).violations, 0)
  })

  test('without a sound majority nobody can tell who is astray', () => {
    const ill = bad(0, 9000, { daemon: 'B', how: 'ill' })
    assert.equal(judge([given(0, 9000)], [bad(5000, 9000, { how: 'astray' }), ill]).violations, 0)
  })

  test('what was ill counts as sound again only after a while', () => {
    const illFor = until => bad(0, until, { daemon: 'B', how: 'ill' })
    const astray = bad(5000, 12000, { how: 'astray' })
    assert.equal(judge([given(0, 9800)], [astray, illFor(6000)]).violations, 0)
    assert.equal(judge([given(0, 10200)], [astray, illFor(6000)]).violations, 1)
  })

  test('the limits follow from the configuration', () => {
    const options = { pollingInterval: 5000, timeout: 2000, maxPollingFailures: 2 }
    assert.deepEqual(limitsOf(options), { dead: 5000 + 4250 + 1000, astray: 3 * (5000 + 4250) + 1000 })
    assert.equal(limitsOf({ ...options, maxPollingFailures: 3 }).dead, 5000 + 4250 + 5000 + 1000)
  })
})

describe('the soak judges what is left behind', () => {
  const REST = { handles: 3, threads: 8, connections: 20, sockets: 18, files: 22, heap: 7, memory: 70 }
  const noise = index => ((index * 7) % 5) / 10
  const samples = change => Array.from({ length: 18 }, (_, index) => ({ ...REST, memory: 70 + noise(index), ...change(index) }))
  const grown = change => growthOf(samples(change)).filter(({ grows }) => grows).map(({ measure }) => measure)

  test('what stays as it is does not grow', () => assert.deepEqual(grown(() => ({})), []))

  test('what grows while it warms up has grown enough by then', () => {
    assert.deepEqual(grown(index => ({ memory: 70 + 10 * Math.min(index, 5), sockets: Math.min(18, 3 * index) })), [])
  })

  for (const measure of ['handles', 'threads', 'sockets', 'files']) {
    test(`one of ${measure} more at every rest is found`, () => assert.deepEqual(grown(index => ({ [measure]: 10 + index })), [measure]))
    test(`one of ${measure} more at every third rest is found`, () => {
      assert.deepEqual(grown(index => ({ [measure]: 10 + Math.floor(index / 3) })), [measure])
    })
  }

  test('one of everything more at a single rest proves nothing', () => {
    assert.deepEqual(grown(index => index === 16 ? { handles: 4, threads: 9, sockets: 19, files: 23, heap: 9, memory: 99 } : {}), [])
  })

  test('memory that goes up by 1 MB a rest is found', () => assert.deepEqual(grown(index => ({ memory: 70 + noise(index) + index })), ['memory']))

  test('as few rests as there may be show that 4 MB are kept at each', () => {
    const few = samples(index => ({ memory: 70 + noise(index) + 4 * index })).slice(0, 9)
    assert.deepEqual(growthOf(few).filter(({ grows }) => grows).map(({ measure }) => measure), ['memory'])
  })

  test('memory that goes up once proves nothing', () => assert.deepEqual(grown(index => ({ memory: 70 + noise(index) + (index > 11 ? 25 : 0) })), []))

  test('a heap that goes up by 200 kB a rest is found', () => assert.deepEqual(grown(index => ({ heap: 7 + index / 5 })), ['heap']))

  test('one connection more at every rest is found, and that some are kept now and then is not', () => {
    assert.deepEqual(grown(index => ({ connections: 20 + index })), ['connections'])
    assert.deepEqual(grown(index => ({ connections: 20 + (index * 5) % 7 })), [])
  })

  test('too few rests say nothing', () => assert.equal(growthOf(samples(() => ({})).slice(0, 8)), null))
})

describe('the soak', () => {
  const first = (seed, count) => {
    const all = acts(seed)
    return Array.from({ length: count }, () => all.next().value)
  }

  test('plays the same acts for the same seed, and others for another', () => {
    assert.deepEqual(first(7, 5), first(7, 5))
    assert.notDeepEqual(first(7, 5), first(8, 5))
  })

  test('leaves most daemons sound in a mild act', () => {
    for (const { turns } of first(7, 60).filter(({ kind }) => kind === 'mild')) {
      const ills = turns.filter(({ what }) => what === 'ill' || what === 'split')
      for (const { at } of ills) {
        const ailing = ills.filter(ill => ill.at <= at && at < ill.at + ill.lasts).flatMap(({ daemons }) => daemons)
        assert.equal(new Set(ailing).size, ailing.length)
        assert.ok(2 * ailing.length < DIALECTS.length, `${ailing.length} of ${DIALECTS.length}`)
      }
    }
  })

  test('fails, and says why, when a process that embeds the addon dies', { timeout: 120000 }, () => {
    const { status, stdout } = spawnSync(process.execPath, [MAIN, '--seconds', '1', '--seed', '1', '--rig', 'crash'], { encoding: 'utf8' })
    assert.match(stdout, /^BROKEN {2}the process 'lone' ended with SIGSEGV$/m)
    assert.equal(status, 1)
  })

  test('says what is wrong with an option', () => {
    const { status, stderr } = spawnSync(process.execPath, [MAIN, '--seconds', 'x'], { encoding: 'utf8' })
    assert.deepEqual([status, stderr], [2, "--seconds needs a number from 1 to 10000000, not 'x'\n"])
  })
})
