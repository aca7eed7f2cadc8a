'use strict'

// The status page in a real browser, on simulated daemons.

const assert = require('node:assert/strict')
const { after, before, describe, test } = require('node:test')
const { MultiDaemon } = require('../..')
const { summaryOf } = require('../../lib/hosts/card')
const { partsOf } = require('../../lib/parts')
const createStatusServer = require('../../lib/status')
const { faults } = require('../../sim')
const { launch, looking, onPage } = require('../support/browser')
const { LIMIT, onPool } = require('../support/pool')

const MARKUP = '<img src=x onerror="document.title=1">'
const PHONE = { viewport: { width: 390, height: 844 }, isMobile: true, hasTouch: true }

let browser
before(async () => { browser = await launch() })
after(() => browser.close())

const look = (options, run) => onPage(() => browser, options, run)

describe('the page', () => {
  test('tells in words that all is well, and which daemon is in use', LIMIT, look({}, async (page, pool, P) => {
    await page.shows('#headline', `Mining through ${P.address}.`)
    await page.shows('#details', 'It is the primary. All 4 daemons are healthy and agree.')
    await page.shows('#facts', /Mode\s*multi.*4 of 4.*4 of 4 votes/s)
    assert.equal(await page.row('chains', P).locator('.pin').textContent(), '▶')
    assert.equal(await page.page.locator('#summary').getAttribute('class'), 'well')
    await page.shows('#events', 'Mode multi')
  }))

  test('moves the pin at a switch, and tells it with its reason, without being loaded again', LIMIT, look({}, async (page, pool, P, A) => {
    await page.page.evaluate(() => { globalThis.isTheSamePage = true })
    await P.crash()
    await pool.rounds()
    await page.shows('#headline', `Mining through ${A.address}.`)
    await page.shows('#details', 'The primary refuses connections.')
    await page.shows('#chains .row.in-use', A.address)
    assert.deepEqual([await page.row('chains', P).locator('.pin').textContent(), await page.row('chains', A).locator('.pin').textContent()], ['', '▶'])
    await page.shows('#events li', `From ${P.address} to ${A.address}, because ${P.address}: connection refused`)
    await page.shows('#chains .place', 'refuses connections')
    assert.equal(await page.page.locator('.mark').count(), 1)
    assert.equal(await page.page.evaluate(() => globalThis.isTheSamePage), true)
  }))

  test('shows a fork in another colour, with a letter and in words', LIMIT, look({}, async (page, pool, P, A, B, C) => {
    pool.network.partition(C)
    pool.network.mine(2, { on: C })
    pool.network.mine(2, { on: [P, A, B] })
    await pool.rounds(3)
    await page.shows('#chains .place', 'branch B since 51, 2 deep')
    await page.shows('#daemons .why', /forked at 51, 2 deep/)
    const [mine, others] = [await page.cells(C), await page.cells(A)]
    assert.deepEqual(mine.slice(-2).map(({ letter }) => letter), ['B', 'B'])
    assert.deepEqual(others.slice(-2).map(({ letter }) => letter), ['', ''])
    assert.notEqual(mine.at(-1).colour, others.at(-1).colour)
    assert.deepEqual(mine.slice(0, -2), others.slice(0, -2))
    await page.shows('#details', `${C.address} is on a fork since block 51.`)
  }))

  test('shows a lag as blocks that are missing', LIMIT, look({}, async (page, pool, P, A, B) => {
    pool.network.mine(5)
    B.lag(4)
    await pool.rounds(2)
    await page.shows('#chains .place', '4 blocks behind')
    const [late, others] = [await page.cells(B), await page.cells(P)]
    assert.deepEqual(late.slice(-4).map(({ colour }) => colour), [null, null, null, null])
    assert.deepEqual(late.slice(0, -4), others.slice(0, -4))
  }))

  test('shows the hosts of a pool, where there is more than one', LIMIT, look({}, async (page, pool, P, A) => {
    await page.shows('#headline', `Mining through ${P.address}.`)
    assert.equal(await page.page.locator('#hosts-section').isVisible(), false)
    const { multiDaemon } = pool
    const own = { self: true, silent: false, lastSeen: Date.now(), version: '0.1.0', ...summaryOf(multiDaemon.getStatus()) }
    const block = { id: 0, at: Date.now(), height: 49, hash: null, told: 'accepted', by: null, seen: 1, depth: 1, orphaned: true }
    const others = [{ ...own, self: false, name: MARKUP, current: { host: A.host, port: A.port, tls: false }, silent: true, lastSeen: Date.now() - 120000, blocks: [block] }]
    const parts = partsOf(multiDaemon)
    parts.add({ describe: status => { status.hosts = [{ ...own, name: 'one' }, ...others] } })
    parts.hear([{ event: 'hosts' }])
    await page.shows('#hosts-note', '2, 1 silent')
    await page.shows('#hosts', /one.*this one.*multi.*4 of 4/s)
    await page.shows('#hosts', new RegExp(`<img.*${A.address}.*49 at .*lost.*silent for 2 min`, 's'))
  }))

  test('tells what became of requests, whom they went to, and which process asks past the gateway', LIMIT, look({}, async (page, pool, P, A) => {
    const { multiDaemon } = pool
    await multiDaemon.rpc('getblockcount', {})
    await P.crash()
    await multiDaemon.rpc('getblockcount', {})
    const known = { pid: 71, worker: null, role: null, since: 1, attached: true }
    const processes = [known, { ...known, pid: 72, worker: 1, role: 'pool' }, { ...known, pid: 73, worker: 2, attached: false }]
    multiDaemon.getStatus = () => ({ ...MultiDaemon.prototype.getStatus.call(multiDaemon), processes })
    await pool.rounds(2)
    partsOf(multiDaemon).page.look()
    await page.shows('#requests', /Answered\s*1\s*by the first daemon\s*Rescued\s*1\s*by another daemon/)
    await page.shows('#requests-note', /^through the gateway at 127\.0\.0\.1:\d+$/)
    const asked = await page.row('daemons', A).locator('[data-label=Requests]').textContent()
    assert.equal(asked, '1')
    await page.shows('#processes-note', '3 processes of the pool, 1 without the gateway')
    assert.equal(await page.page.getByText('pid 73').isVisible(), false)
    await page.page.locator('#processes summary').focus()
    await page.page.keyboard.press('Enter')
    await page.shows('#processes tr', /pid 72.*pool/)
    await page.shows('#processes tr', /pid 73.*worker 2.*has not called attach\(\), so it asks the primary by itself/)
    for (const [viewport, colorScheme] of [[{ width: 1180, height: 900 }, 'light'], [PHONE.viewport, 'dark']]) {
      await page.page.setViewportSize(viewport)
      await page.page.emulateMedia({ colorScheme })
      assert.deepEqual(await page.faultsForPeople(), [], colorScheme)
      assert.equal(await page.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth), 0, colorScheme)
    }
  }))

  test('says when too few daemons are left to compare', LIMIT, look({}, async (page, pool, P, A, B) => {
    await Promise.all([A.crash(), B.crash()])
    await pool.rounds()
    await page.shows('#details', 'Only 2 of 4 daemons are healthy, too few to compare: nothing protects the pool now.')
    await page.shows('#facts', /single/)
    await page.shows('#events', 'Mode single')
    assert.match(await page.page.title(), /^! /)
  }))

  test('says that the connection is lost, and goes on when it is back', LIMIT, look({ expected: /ERR_|Failed to load/ }, async (page, pool, P, A) => {
    await page.shows('#link', 'live')
    const { multiDaemon } = pool
    const port = Number(new URL(page.url).port)
    const parts = partsOf(multiDaemon)
    parts.page.stop()
    await page.shows('#link', /no connection, this is how it was at \d\d:\d\d:\d\d; trying again/)
    await P.crash()
    await pool.rounds()
    parts.servePage({ port, retryEvery: 100 })
    await page.shows('#link', 'live')
    await page.shows('#headline', `Mining through ${A.address}.`)
  }))

  test('shows hosts and versions full of markup as text', LIMIT, onPool(4, {}, async (pool, P, A) => {
    A.behave(faults.only('/info', faults.rewrite(info => ({ ...info, version: MARKUP }))))
    await pool.rounds()
    const { multiDaemon } = pool
    const renamed = status => ({ ...status, daemons: status.daemons.map((daemon, index) => index === 2 ? { ...daemon, host: MARKUP } : daemon) })
    const page = createStatusServer({ getStatus: () => renamed(multiDaemon.getStatus()) }, { port: 0, figures: () => partsOf(multiDaemon).source.figures() })
    try {
      await looking(browser, await page.listening, {}, async page => {
        await page.shows('#daemons .name', MARKUP)
        await page.shows('#chains .name', MARKUP)
        await page.shows('#timeline .name', MARKUP)
        await page.shows('#daemons td', MARKUP)
        assert.equal(await page.page.locator('img').count(), 0)
        assert.match(await page.page.title(), /multiDaemon$/)
      })
    } finally {
      page.stop()
    }
  }))
})

describe('orders', () => {
  const password = 'a pass:word'

  test('have no buttons without a password', LIMIT, look({}, async (page) => {
    assert.equal(await page.page.locator('main button:visible').filter({ hasText: /drain|pin/i }).count(), 0)
  }))

  test('drain a daemon and take it back', LIMIT, look({ password }, async (page, pool, P, A) => {
    await page.page.getByRole('button', { name: `Drain ${P.address}`, exact: true }).click()
    await page.shows('#outcome', `drain ${P.address}: done`)
    await page.shows('#headline', `Mining through ${A.address}.`)
    await page.shows('#details', 'The primary is drained.')
    assert.equal(pool.verdicts.split(' ')[0], 'draining')
    await page.page.getByRole('button', { name: `Undrain ${P.address}`, exact: true }).click()
    await page.shows('#details', 'The primary is healthy as well')
    assert.equal(pool.verdicts.split(' ')[0], 'healthy')
  }))

  test('pin the pool to a daemon and let go', LIMIT, look({ password }, async (page, pool, P, A, B) => {
    await page.page.getByLabel('Pin for').selectOption('10 minutes')
    await page.page.getByRole('button', { name: `Pin ${B.address}`, exact: true }).click()
    await page.shows('#headline', `Mining through ${B.address}.`)
    await page.shows('#details', /pinned the pool until/)
    assert.ok(Math.abs(pool.status.pin.until - Date.now() - 600000) < 60000)
    await page.page.getByRole('button', { name: `Unpin ${B.address}`, exact: true }).click()
    await page.shows('#headline', `Mining through ${P.address}.`)
    assert.equal(pool.status.pin, null)
  }))

  test('that fail say why', LIMIT, look({ password, expected: /400/ }, async (page, pool, P) => {
    await partsOf(pool.multiDaemon).source.stop()
    await page.page.getByRole('button', { name: `Drain ${P.address}`, exact: true }).click()
    await page.shows('#outcome', `drain ${P.address}: drain: called after stop()`)
  }))
})

describe('people', () => {
  /** A fork, a switch, a daemon that is down: all the colours there are. */
  const trouble = async (pool, [P, A, B, C]) => {
    pool.network.partition(C)
    pool.network.mine(2, { on: C })
    pool.network.mine(2, { on: [P, A, B] })
    await pool.rounds(3)
    await P.crash()
    await pool.rounds()
  }
  const SIGHTS = { 'in the light': { colorScheme: 'light' }, 'in the dark': { colorScheme: 'dark' }, 'on a phone': PHONE, 'on a phone in the dark': { ...PHONE, colorScheme: 'dark' } }

  for (const [sight, context] of Object.entries(SIGHTS)) {
    test(`find no serious fault ${sight}, in peace and in trouble`, LIMIT, look({ password: 'secret', context }, async (page, pool, ...daemons) => {
      assert.deepEqual(await page.faultsForPeople(), [])
      await trouble(pool, daemons)
      await page.shows('#facts', /single/)
      assert.deepEqual(await page.faultsForPeople(), [])
    }))
  }

  test('see a dark page where they want things dark', LIMIT, look({ context: { colorScheme: 'dark' } }, async page => {
    const colour = await page.page.evaluate(() => getComputedStyle(document.body).backgroundColor)
    assert.ok(Math.max(...colour.match(/\d+/g).map(Number)) < 60, colour)
  }))

  test('need not scroll sideways, on a phone or in any window', LIMIT, look({ password: 'secret', context: PHONE }, async (page, pool, ...daemons) => {
    await trouble(pool, daemons)
    await page.shows('#facts', /single/)
    for (const width of [360, 390, 735, 737, 900, 1023, 1026, 1110, 1130, 1400]) {
      await page.page.setViewportSize({ width, height: 844 })
      const { beyond, overhang } = await page.page.evaluate(() => {
        const { scrollWidth, clientWidth } = document.documentElement
        const right = element => element.getBoundingClientRect().right
        const overhang = [...document.querySelectorAll('section:not([hidden]) table')].map(table => right(table) - right(table.closest('section')))
        return { beyond: scrollWidth - clientWidth, overhang: Math.max(...overhang) }
      })
      assert.equal(beyond, 0, `at ${width} pixels`)
      assert.ok(overhang < 0, `at ${width} pixels a table ends ${overhang} pixels beyond its section`)
    }
  }))

  test('read the names of daemons on a phone, whenever there was a switch', LIMIT, look({ context: PHONE }, async (page, pool, P, A) => {
    await P.crash()
    await pool.rounds()
    await page.shows('#headline', A.address)
    const covered = await page.page.evaluate(() => {
      const [timeline, mark] = [document.querySelector('#timeline'), document.querySelector('.mark')]
      const names = [...timeline.querySelectorAll('.strip-row > :first-child')]
      const boxes = element => element.getBoundingClientRect()
      timeline.scrollIntoView()
      document.querySelector('.marks').style.pointerEvents = 'auto'
      // The switch may be at any time that is shown, also where a name stands.
      return names.filter(name => {
        mark.style.left = `${boxes(name).left + 8 - boxes(timeline).left}px`
        const [box, diamond] = [boxes(name), boxes(mark.querySelector('button'))]
        const isUnderDiamond = diamond.bottom > box.top && diamond.top < box.bottom
        return isUnderDiamond || document.elementFromPoint(boxes(mark).left + 0.5, (box.top + box.bottom) / 2) !== name
      }).map(name => name.textContent)
    })
    assert.deepEqual(covered, [])
  }))

  test('reach everything by keyboard: a switch tells its reason, arrows choose the time shown', LIMIT, look({}, async (page, pool, P, A) => {
    await P.crash()
    await pool.rounds()
    await page.shows('#headline', A.address)
    const focused = () => page.page.evaluate(() => document.activeElement.getAttribute('aria-label') || document.activeElement.textContent)
    await page.page.keyboard.press('Tab')
    assert.equal(await focused(), 'all, up to 24 h')
    await page.page.keyboard.press('ArrowLeft')
    assert.equal(await focused(), '6 h')
    assert.equal(await page.page.getByRole('radio', { name: '6 h' }).getAttribute('aria-checked'), 'true')
    await page.page.keyboard.press('Tab')
    assert.match(await focused(), /From .* connection refused/)
    assert.ok(await page.page.locator('.mark p').isVisible())
  }))
})
