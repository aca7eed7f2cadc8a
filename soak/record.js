'use strict'

const { growthOf } = require('./growth')
const { overstays } = require('./judge')
const { limitsOf } = require('./limits')
const { OPTIONS } = require('./settings')

/** What was seen in all acts, and what of it must not be. */
class Record {
  constructor (seed) {
    this.seed = seed
    this.acts = { mild: 0, storm: 0 }
    /** How often what happened: to the daemons, and in each process. */
    this.world = {}
    this.counts = {}
    this.asked = 0
    /** Milliseconds. */
    this.longest = { dead: 0, astray: 0, call: 0, request: 0 }
    this.recovered = 0
    /** By process, one a rest. @type {Record<string, Array<Record<string, number>>>} */
    this.samples = {}
    /** What broke, one sentence each. */
    this.troubles = []
  }

  /** Takes what is known of an act that has come to rest. */
  take (act, reports, bads, { daemons, stalls }) {
    this.acts[act.kind]++
    for (const [name, report] of Object.entries(reports)) this.#takeReport(act, name, report)
    const all = Object.values(reports)
    const circumstances = { daemons, limits: limitsOf(OPTIONS), stalls: stalls.concat(...all.map(report => report.stalls)) }
    const { longest, violations } = overstays(all.flatMap(({ givens }) => givens), bads, circumstances)
    this.#lengthen(longest)
    for (const { who, bad, lasted } of violations) {
      const limit = circumstances.limits[bad.how]
      this.#break(act, `${who} was given ${bad.daemon} for ${Math.round(lasted)} ms while it was ${bad.how} (${bad.what}); ${limit} ms are allowed`)
    }
  }

  /** What every process holds more of than it did, and how much more it may; null where there were too few rests to tell. */
  get growth () {
    const growths = Object.entries(this.samples).map(([name, samples]) => ({ name, growth: growthOf(samples) }))
    if (growths.length === 0 || growths.some(({ growth }) => !growth)) return null
    return growths.flatMap(({ name, growth }) => growth.map(each => ({ name, ...each })))
  }

  /** Everything that broke, one sentence each. */
  get violations () {
    const grown = (this.growth || []).filter(({ grows }) => grows)
    return this.troubles.concat(grown.map(({ name, measure, before, after, allowed }) => {
      const all = this.samples[name].map(sample => round(sample[measure])).join(' ')
      return `the ${measure} of the ${name} grew from ${round(before)} to ${round(after)}, ${round(before + allowed)} are allowed: ${all}`
    }))
  }

  #takeReport (act, name, { asked, recovered, troubles, samples, counts, longest }) {
    this.counts[name] = counts
    this.asked += asked
    this.recovered = Math.max(this.recovered, recovered)
    this.#lengthen(longest)
    for (const text of troubles) this.#break(act, text)
    for (const [process, sample] of Object.entries(samples)) (this.samples[process] = this.samples[process] || []).push(sample)
  }

  #lengthen (longest) {
    for (const [what, milliseconds] of Object.entries(longest)) this.longest[what] = Math.max(this.longest[what], milliseconds)
  }

  #break (act, text) {
    this.troubles.push(`act ${act.number}: ${text}`)
  }
}

function round (number) {
  return Number(number.toFixed(2))
}

module.exports = { Record }
