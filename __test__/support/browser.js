'use strict'

const fs = require('node:fs')
const { chromium } = require('playwright-core')
const { partsOf } = require('../../lib/parts')
const { onPool } = require('./pool')
const { freePorts } = require('./ports')
const { findProgram } = require('./program')

const ARGUMENTS = [
  '--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'
]
const AXE = fs.readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8')

function launch () {
  return chromium.launch({ executablePath: findProgram('chromium'), args: ARGUMENTS })
}

/**
 * Gives a test on a pool with its status page open in a browser. What the page may never do is looked for in all of them:
 * write an error to the console, or ask another host for something.
 * @param {() => import('playwright-core').Browser} browser
 * @param {object} options
 * @param {string} [options.password]
 * @param {object} [options.context]  of the browser's context
 * @param {RegExp} [options.expected]  errors that belong to the test
 * @param {(page: StatusPage, pool: object, ...daemons: object[]) => Promise<void>} run
 */
const onPage = (browser, { password, context, expected = /^$/ }, run) => async () => {
  const [port] = await freePorts(1)
  await onPool(4, { status: { port, ...password && { password } } }, async (pool, ...daemons) => {
    const url = await partsOf(pool.multiDaemon).page.listening
    await looking(browser(), url, { password, context, expected }, page => run(page, pool, ...daemons))
  })()
}

/** Opens an address, and closes it again, whatever happens. */
async function looking (browser, url, { password, context, expected = /^$/ }, run) {
  const credentials = password && { httpCredentials: { username: 'anybody', password } }
  const opened = await browser.newContext({ viewport: { width: 1180, height: 900 }, ...credentials, ...context })
  try {
    const page = new StatusPage(await opened.newPage(), url)
    await page.open()
    await run(page)
    page.check(expected)
  } finally {
    await opened.close()
  }
}

/** The page as a reader sees it. */
class StatusPage {
  constructor (page, url) {
    this.page = page
    this.url = url
    this.faults = []
    page.setDefaultTimeout(30000)
    page.on('console', message => { if (message.type() === 'error') this.faults.push(message.text()) })
    page.on('pageerror', error => this.faults.push(error.stack))
    page.on('request', request => { if (!request.url().startsWith(url) && !request.url().startsWith('data:')) this.faults.push(`asked for ${request.url()}`) })
  }

  async open () {
    await this.page.goto(this.url)
    await this.page.locator('#main').waitFor()
  }

  /** Waits until something is to be seen. @param {string} selector @param {string | RegExp} text */
  async shows (selector, text) {
    await this.page.locator(selector).filter({ hasText: text }).first().waitFor()
  }

  /** The row of a daemon among the chains or in the table. */
  row (place, { address }) {
    return this.page.locator(place === 'chains' ? '#chains .rows .row' : '#daemons tbody tr').filter({ hasText: address })
  }

  /** The background of the cells in a daemon's row, the one at the head last; null for a block that is not there. */
  cells (daemon) {
    return this.row('chains', daemon).locator('.cell').evaluateAll(cells => cells.map(cell => {
      const { backgroundColor, borderStyle } = getComputedStyle(cell.firstChild)
      return { colour: borderStyle === 'dashed' ? null : backgroundColor, letter: cell.textContent }
    }))
  }

  /** What axe finds that keeps people out, in a few words each. */
  async faultsForPeople () {
    await this.page.evaluate(AXE)
    const { violations, passes } = await this.page.evaluate(() => globalThis.axe.run())
    if (passes.length === 0) throw new Error('axe has looked at nothing')
    return violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }) => `${id}: ${nodes.map(({ html, failureSummary }) => `${html} ${failureSummary}`).join('; ')}`)
  }

  check (expected) {
    const faults = this.faults.filter(text => !expected.test(text))
    if (faults.length > 0) throw new Error(`the page did what it may not:\n${faults.join('\n')}`)
  }
}

module.exports = { launch, looking, onPage }
