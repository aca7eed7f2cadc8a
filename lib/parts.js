'use strict'

const { statusPageOf, webhookOf } = require('./config')

/** @typedef {import('./source/contract').Part} Part */
/** @typedef {import('./source/contract').Source} Source */

/** Kept beside the MultiDaemons, and not in them: what pools are given has only what index.d.ts tells of. */
const all = new WeakMap()

/**
 * The parts of this MultiDaemon.
 * @returns {Parts}
 */
function partsOf (multiDaemon) {
  return all.get(multiDaemon)
}

/**
 * What hangs on to a MultiDaemon and hears what changes: leader, log and whatever else is added, the webhook, the status page.
 * They know it through its source's contract (source/contract.js) and its public members.
 */
class Parts {
  /** @param {() => Source} sourceNow */
  constructor (multiDaemon, sourceNow) {
    this.multiDaemon = multiDaemon
    this.sourceNow = sourceNow
    /** @type {Part[]} */
    this.added = []
    this.webhook = null
    this.page = null
    all.set(multiDaemon, this)
  }

  /** Where the MultiDaemon knows from now. */
  get source () {
    return this.sourceNow()
  }

  /** @param {Part[]} parts  heard and stopped in this order */
  add (...parts) {
    this.added.push(...parts)
  }

  /**
   * Posts and shows what the configuration wants, and goes on undisturbed where it wants the same. Only in the process that
   * decides: its workers would post the same again, and one port has room for one.
   */
  equip (config) {
    const wanted = options => this.source.decides ? options : undefined
    this.webhook = renewed(this.webhook, wanted(webhookOf(config)), url => equipment().createWebhook(url, this.source.say))
    this.page = renewed(this.page, wanted(statusPageOf(config)), options => this.createPage(Object.assign({ say: this.source.say }, options)))
  }

  /** Serves a status page until stop(), whatever the configuration says; options as of `createStatusServer`. */
  servePage (options) {
    this.page = this.createPage(options)
    return this.page
  }

  createPage (options) {
    return equipment().createPage(this.multiDaemon, Object.assign({ figures: () => this.source.figures() }, options))
  }

  /** What fails in one is lost to no other. */
  hear (changes) {
    for (const part of this.each()) if (part.hear) attempt(() => part.hear(changes))
  }

  /** Tells of an order of the operator that was carried out here. */
  ordered (order) {
    for (const part of this.each()) if (part.ordered) part.ordered(order)
  }

  /** Puts in what only a part knows. */
  describe (status) {
    for (const part of this.each()) if (part.describe) part.describe(status)
  }

  reconfigured (config) {
    for (const part of this.added) if (part.reconfigured) part.reconfigured(config)
  }

  stop () {
    for (const part of this.each()) if (part.stop) part.stop()
  }

  /** @returns {Part[]} */
  each () {
    return this.added.concat([this.webhook, this.page].filter(Boolean))
  }
}

/**
 * What a listener throws is the process's to handle, as with any emitter; thrown in a turn of its own, it loses no other change, and
 * no other error.
 */
function attempt (act) {
  try {
    act()
  } catch (error) {
    process.nextTick(() => { throw error })
  }
}

/** Loaded only where it is needed: a pool without the feature has no use for it. */
function equipment () {
  return require('./equipment')
}

/** What was made from these options: as it is, where it was, and otherwise a new one. */
function renewed (made, options, create) {
  const key = JSON.stringify(options)
  if (made && made.madeFrom === key) return made
  if (made) made.stop()
  return options ? Object.assign(create(options), { madeFrom: key }) : null
}

module.exports = { Parts, attempt, partsOf }
